/** Errors, limits and health, common to every endpoint, and the servlet of the busy ones. */
@NullMarked
package dev.bandit.service.web;

import org.jspecify.annotations.NullMarked;
