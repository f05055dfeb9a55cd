package dev.bandit.pipeline.cli;

import dev.bandit.pipeline.retail.Manifest;
import dev.bandit.pipeline.retail.Manifest.ClickRate;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What ingest says of the retail dataset.
 *
 * @param changed whether there was anything to do
 */
record RetailAnswer(String store, boolean changed, Manifest manifest) {

    String text() {
        StringBuilder text = new StringBuilder();
        line(text, "%-14s%12s%12s%12s", "CATEGORY", "BASKETS", "CLICKS", "CLICK RATE");
        for (ClickRate rate : manifest.clickRates()) {
            line(text, "%-14s%,12d%,12d%10.3f %%", rate.category(), rate.baskets(), rate.clicks(), 100 * rate.rate());
        }
        line(
                text,
                "%,d lines once each, %,d of the second sheet were in the first, %,d rows rejected.",
                manifest.lines(),
                manifest.repeated(),
                manifest.rejected());
        manifest.kinds().forEach((kind, lines) -> line(text, "%,14d  %s", lines, kind));
        line(
                text,
                "%,14d  purchases taken back, %,d invoices wholly",
                manifest.cancelledLines(),
                manifest.cancelledInvoices());
        manifest.reasons().forEach((reason, rows) -> line(text, "%,14d  rejected: %s", rows, reason));
        manifest.missing().forEach((column, rows) -> line(text, "%,14d  without %s", rows, column));
        line(
                text,
                "A log of %,d rounds, %,d clicks, each category with propensity 1/%d, by seed %d.",
                manifest.baskets(),
                manifest.clicks(),
                manifest.clickRates().size(),
                manifest.seed());
        return text.append(changed ? "Ingested into " + store + "." : "Nothing to do: " + store + " has all of it.")
                .toString();
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

    private static void line(StringBuilder text, String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values)).append(System.lineSeparator());
    }
}
