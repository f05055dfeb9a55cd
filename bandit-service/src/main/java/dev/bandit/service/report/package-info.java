/** What an experiment has learned, in the caller's terms. */
@NullMarked
package dev.bandit.service.report;

import org.jspecify.annotations.NullMarked;
