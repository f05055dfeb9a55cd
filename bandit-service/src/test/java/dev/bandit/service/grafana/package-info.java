/** The dashboards and alerts of {@code grafana/}, held against the running service. */
@NullMarked
package dev.bandit.service.grafana;

import org.jspecify.annotations.NullMarked;
