/** The service's entry point; its features are the packages below. */
@NullMarked
package dev.bandit.service;

import org.jspecify.annotations.NullMarked;
