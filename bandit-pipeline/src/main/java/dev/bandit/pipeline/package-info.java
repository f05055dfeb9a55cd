/** Everything offline: logged data in, any policy evaluated, regret and winners out. */
@NullMarked
package dev.bandit.pipeline;

import org.jspecify.annotations.NullMarked;
