/** Errors, limits and health, common to every endpoint. */
@NullMarked
package dev.bandit.service.web;

import org.jspecify.annotations.NullMarked;
