/** What can go wrong for a caller, as typed exceptions that the web and the stream adapters know how to tell. */
@NullMarked
package dev.bandit.service.problem;

import org.jspecify.annotations.NullMarked;
