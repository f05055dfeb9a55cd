/** Experiment definitions: what is tested, their versions and their lifecycle. */
@NullMarked
package dev.bandit.service.experiment;

import org.jspecify.annotations.NullMarked;
