/** UCI's Online Retail II: a workbook of invoices in, click rates of product categories and a random log with known propensities out. */
@NullMarked
package dev.bandit.pipeline.retail;

import org.jspecify.annotations.NullMarked;
