package dev.bandit.service.experiment;

import dev.bandit.service.problem.InvalidRequest;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads {@code If-Match} and {@code If-None-Match}. An entity tag is the version in quotes. */
final class HttpPrecondition {

    private static final String IF_MATCH = "If-Match";
    private static final String IF_NONE_MATCH = "If-None-Match";

    /** Quotes may be left out, which people do at the command line; a weak tag never matches (RFC 9110, 13.1.1). */
    private static final Pattern TAG = Pattern.compile("(W/)?\"([^\"]{0,64})\"|([0-9]{1,9})");

    private static final Pattern VERSION = Pattern.compile("[1-9][0-9]{0,8}");

    private HttpPrecondition() {}

    /** @throws InvalidRequest if a header is not what RFC 9110 has there, or both are given */
    static Precondition of(@Nullable String ifMatch, @Nullable String ifNoneMatch) {
        if (ifNoneMatch != null) {
            if (ifMatch != null) {
                throw new InvalidRequest(IF_NONE_MATCH, "and If-Match are both given, expected one of them");
            }
            if (!ifNoneMatch.strip().equals("*")) {
                throw new InvalidRequest(IF_NONE_MATCH, "is " + Check.shown(ifNoneMatch) + ", expected *");
            }
            return Precondition.ABSENT;
        }
        if (ifMatch == null) {
            return Precondition.NONE;
        }
        return ifMatch.strip().equals("*") ? Precondition.PRESENT : new Precondition.AtVersion(versions(ifMatch));
    }

    static String tag(Experiment experiment) {
        return '"' + Integer.toString(experiment.version()) + '"';
    }

    private static Set<Integer> versions(String header) {
        Set<Integer> versions = new HashSet<>();
        for (String part : header.split(",", -1)) {
            Matcher tag = TAG.matcher(part.strip());
            if (!tag.matches()) {
                throw new InvalidRequest(
                        IF_MATCH, "is " + Check.shown(header) + ", expected a version in quotes such as \"3\", or *");
            }
            String version = tag.group(3) == null ? tag.group(2) : tag.group(3);
            if (tag.group(1) == null && VERSION.matcher(version).matches()) {
                versions.add(Integer.valueOf(version));
            }
        }
        return versions;
    }
}
