package dev.bandit.pipeline.cli;

import dev.bandit.pipeline.retail.Manifest;
import dev.bandit.pipeline.retail.Manifest.ClickRate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What ingest says of the retail dataset.
 *
 * @param changed whether there was anything to do
 */
record RetailAnswer(String store, boolean changed, Manifest manifest) {

    String text() {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(Locale.ROOT, "%-14s%12s%12s%12s", "CATEGORY", "BASKETS", "CLICKS", "CLICK RATE"));
        for (ClickRate rate : manifest.clickRates()) {
            lines.add(String.format(
                    Locale.ROOT,
                    "%-14s%,12d%,12d%10.3f %%",
                    rate.category(),
                    rate.baskets(),
                    rate.clicks(),
                    100 * rate.rate()));
        }
        lines.add(String.format(
                Locale.ROOT,
                "%,d lines once each, %,d of the second sheet were in the first, %,d rows rejected:",
                manifest.lines(),
                manifest.repeated(),
                manifest.rejected()));
        manifest.kinds().forEach((kind, count) -> lines.add(counted(count, kind)));
        lines.add(counted(
                manifest.cancelledLines(),
                String.format(Locale.ROOT, "purchases taken back, %,d invoices wholly", manifest.cancelledInvoices())));
        manifest.reasons().forEach((reason, count) -> lines.add(counted(count, "rejected: " + reason)));
        manifest.missing().forEach((column, count) -> lines.add(counted(count, "without " + column)));
        lines.add(String.format(
                Locale.ROOT,
                "A log of %,d rounds with %,d clicks, each category with propensity 1/%d, by seed %d.",
                manifest.baskets(),
                manifest.clicks(),
                manifest.clickRates().size(),
                manifest.seed()));
        lines.add(changed ? "Ingested into " + store + "." : "Nothing to do: " + store + " has all of it.");
        return String.join(System.lineSeparator(), lines);
    }

    private static String counted(long count, String what) {
        return String.format(Locale.ROOT, "%,12d  %s", count, what);
    }

    /** The same for programs. */
    Map<String, Object> values() {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("store", store);
        values.put("dataset", LoggedDataset.ONLINE_RETAIL.toString());
        values.put("status", changed ? "ingested" : "unchanged");
        values.put("lines", manifest.lines());
        values.put("repeated", manifest.repeated());
        values.put("rejected", manifest.rejected());
        values.put("reasons", manifest.reasons());
        values.put("missing", manifest.missing());
        values.put("kinds", manifest.kinds());
        values.put("cancelled_lines", manifest.cancelledLines());
        values.put("cancelled_invoices", manifest.cancelledInvoices());
        values.put("rows", manifest.baskets());
        values.put("clicks", manifest.clicks());
        values.put("seed", manifest.seed());
        values.put("from", manifest.from());
        values.put("to", manifest.to());
        values.put("click_rates", manifest.clickRates());
        values.put("log", manifest.log());
        return values;
    }
}
