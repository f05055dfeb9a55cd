package dev.bandit.service.web;

import org.jspecify.annotations.Nullable;

/**
 * A request that must be refused.
 *
 * @param what what is wrong with it
 * @param request its bytes
 * @param field the field that the answer must name; null if any will do
 * @param itemwise whether the refusal may also stand inside a 200, as the error of the batch's only item
 */
record Malformed(String what, byte[] request, @Nullable String field, boolean itemwise) {}
