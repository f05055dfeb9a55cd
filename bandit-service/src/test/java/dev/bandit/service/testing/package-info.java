/** What tests share: real servers, started once a JVM. */
@NullMarked
package dev.bandit.service.testing;

import org.jspecify.annotations.NullMarked;
