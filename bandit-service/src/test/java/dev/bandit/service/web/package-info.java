@NullMarked
package dev.bandit.service.web;

import org.jspecify.annotations.NullMarked;
