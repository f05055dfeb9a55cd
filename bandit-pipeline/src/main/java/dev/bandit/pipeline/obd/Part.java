package dev.bandit.pipeline.obd;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/** One log of the dataset with its items: {@code random/men}. Item ids mean nothing outside of it. */
public record Part(Behavior behavior, Campaign campaign) implements Serializable {

    private static final String RAW = "bandit/raw/obp/";
    private static final String SILVER = "bandit/silver/obp/";
    private static final String REJECTED = "bandit/rejected/obp/";

    /** Every one that there can be. */
    public static List<Part> all() {
        List<Part> all = new ArrayList<>();
        for (Behavior behavior : Behavior.values()) {
            for (Campaign campaign : Campaign.values()) {
                all.add(new Part(behavior, campaign));
            }
        }
        return all;
    }

    /** Where the dataset has it, from its root. */
    String folder() {
        return behavior + "/" + campaign + "/";
    }

    /** The key of a file as received. */
    String raw(String file) {
        return RAW + folder() + file;
    }

    /** The key of a file that readers see. */
    String silver(String file) {
        return "%sbehavior_policy=%s/campaign=%s/%s".formatted(SILVER, behavior, campaign, file);
    }

    /** The key of the rows that made the whole log be refused. */
    String refused() {
        return REJECTED + folder() + campaign + ".csv";
    }

    @Override
    public String toString() {
        return behavior + "/" + campaign;
    }
}
