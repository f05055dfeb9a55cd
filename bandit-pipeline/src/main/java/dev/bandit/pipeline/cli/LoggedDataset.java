package dev.bandit.pipeline.cli;

import java.net.URI;

/** What ingest reads, and what the other commands find in a store. */
enum LoggedDataset {
    OBD("obd", "https://research.zozo.com/data_release/open_bandit_dataset.zip"),
    ONLINE_RETAIL("online-retail", "https://archive.ics.uci.edu/static/public/502/online+retail+ii.zip");

    private final String label;
    private final String address;

    LoggedDataset(String label, String address) {
        this.label = label;
        this.address = address;
    }

    /** Where it is published, as a zip. */
    URI address() {
        return URI.create(address);
    }

    @Override
    public String toString() {
        return label;
    }
}
