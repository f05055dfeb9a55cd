@NullMarked
package dev.bandit.service.experiment;

import org.jspecify.annotations.NullMarked;
