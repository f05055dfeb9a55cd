package dev.bandit.pipeline.retail;

import java.time.LocalDateTime;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A line of an invoice that has been checked.
 *
 * @param invoice in upper case: digits, with C before them for a cancellation and A for an adjustment of debts
 * @param stockCode in upper case
 * @param quantity not 0
 * @param price of one, finite
 */
record Line(
        String invoice,
        String stockCode,
        @Nullable String description,
        int quantity,
        LocalDateTime date,
        double price,
        @Nullable Integer customer,
        @Nullable String country) {

    /** Five digits and, for a variant, letters; anything else (POST, M, BANK CHARGES, GIFT_0001_20, TEST001 …) is no product. */
    private static final Pattern PRODUCT = Pattern.compile("\\d{5}[A-Z]{0,3}");

    /** What a line is. */
    enum Kind {
        /** A product was bought. */
        PURCHASE,
        /** A product was taken back. */
        CANCELLATION,
        /** Of debts. */
        ADJUSTMENT,
        /** Postage, fees, vouchers, tests and the like. */
        SERVICE,
        /** Products that came or went without a sale: no price, or less than none without a cancellation. */
        STOCK;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    Kind kind() {
        if (invoice.startsWith("A")) {
            return Kind.ADJUSTMENT;
        }
        if (!PRODUCT.matcher(stockCode).matches()) {
            return Kind.SERVICE;
        }
        if (invoice.startsWith("C") && quantity < 0) {
            return Kind.CANCELLATION;
        }
        return !invoice.startsWith("C") && quantity > 0 && price > 0 ? Kind.PURCHASE : Kind.STOCK;
    }
}
