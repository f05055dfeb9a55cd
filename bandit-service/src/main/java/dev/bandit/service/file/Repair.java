package dev.bandit.service.file;

import dev.bandit.service.experiment.InvalidDefinition;
import dev.bandit.service.experiment.Variants;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Takes a mistake that has been told out of a test, so that the checks find the next one. What is put in its place is never used: a file with
 * a mistake is refused. It only must not be, or cause, another mistake.
 */
final class Repair {

    private static final Pattern ARM = Pattern.compile("variants\\[([0-9]+)](?:\\.(\\w+))?");

    private Repair() {}

    /** Gives arms whose share could not be read one, if the others have: all have to or none. */
    static void prepare(String path, ObjectNode test, Mistakes mistakes) {
        if (!(test.get("variants") instanceof ArrayNode arms) || !hasShares(arms)) {
            return;
        }
        for (int i = 0; i < arms.size(); i++) {
            if (!arms.get(i).has("allocation") && mistakes.isTold(path + ".variants[" + i + "].allocation")) {
                ((ObjectNode) arms.get(i)).put("allocation", 0.0);
            }
        }
    }

    /** Whether the checks complain of what follows from a mistake told before. */
    static boolean isConsequence(String path, ObjectNode test, InvalidDefinition mistake, Mistakes mistakes) {
        return switch (mistake.field().orElse("")) {
            case "window" -> mistakes.isTold(path + ".feedback");
            case "variants" ->
                mistakes.isToldInside(path + ".variants[")
                        && test.get("variants") instanceof ArrayNode arms
                        && isPossible(arms);
            default -> false;
        };
    }

    /** Whether it could be taken out. */
    static boolean repair(ObjectNode tree, String field) {
        Matcher arm = ARM.matcher(field);
        if (arm.matches() && tree.get("variants") instanceof ArrayNode arms) {
            repairArm(arms, Integer.parseInt(arm.group(1)), arm.group(2));
            return true;
        }
        switch (field) {
            case "variants" -> repairArms(tree);
            case "feedback" -> {
                tree.remove("feedback");
                if (tree.has("window")) {
                    tree.put("feedback", "window");
                }
            }
            case "window" -> {
                tree.remove("window");
                if ("window".equals(tree.path("feedback").asString(""))) {
                    tree.put("window", "1m");
                }
            }
            default -> {
                return remove(tree, field);
            }
        }
        return true;
    }

    private static void repairArm(ArrayNode arms, int i, @Nullable String field) {
        ObjectNode arm = arms.get(i) instanceof ObjectNode object ? object : arms.objectNode();
        if (field == null || field.equals("name")) {
            arm.put("name", "replacement-arm-" + i);
        } else if (field.equals("allocation") && arms.get(0).has("allocation")) {
            arm.put("allocation", 0.0);
        } else {
            arm.remove(field);
        }
        arms.set(i, arm);
    }

    /** Leaves the arms without shares; if there are too few or too many, puts others in their place. */
    private static void repairArms(ObjectNode test) {
        if (test.get("variants") instanceof ArrayNode arms && isPossible(arms)) {
            arms.forEach(arm -> ((ObjectNode) arm).remove("allocation"));
            return;
        }
        ArrayNode two = test.putArray("variants");
        two.addObject().put("name", "replacement-arm-0");
        two.addObject().put("name", "replacement-arm-1");
    }

    private static boolean isPossible(ArrayNode arms) {
        return arms.size() >= Variants.MIN_ARMS && arms.size() <= Variants.MAX_ARMS;
    }

    private static boolean hasShares(ArrayNode arms) {
        for (JsonNode arm : arms) {
            if (arm.has("allocation")) {
                return true;
            }
        }
        return false;
    }

    /** Takes out what stands at {@code a.b} or {@code a[0]}; the others of a list keep their places. */
    private static boolean remove(ObjectNode tree, String field) {
        int item = field.indexOf('[');
        if (item >= 0 && tree.get(field.substring(0, item)) instanceof ArrayNode list) {
            list.setNull(Integer.parseInt(field.substring(item + 1, field.length() - 1)));
            return true;
        }
        int dot = field.indexOf('.');
        if (dot >= 0 && tree.get(field.substring(0, dot)) instanceof ObjectNode inner) {
            return remove(inner, field.substring(dot + 1));
        }
        return tree.remove(field) != null;
    }
}
