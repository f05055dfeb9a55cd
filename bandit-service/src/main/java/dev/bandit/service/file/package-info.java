/** {@code experiments.yaml}: read strictly, turned into settings and experiments, and watched while the service runs. */
@NullMarked
package dev.bandit.service.file;

import org.jspecify.annotations.NullMarked;
