/** What an experiment will do before it begins: a bandit and a fixed split, simulated many times, and which of them to take. */
@NullMarked
package dev.bandit.service.plan;

import org.jspecify.annotations.NullMarked;
