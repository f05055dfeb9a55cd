package dev.bandit.service.experiment;

import dev.bandit.service.experiment.Definition.Variant;
import dev.bandit.service.experiment.DefinitionJson.VariantJson;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the arms: all of them have an allocation, or none has and they share equally. */
final class VariantsJson {

    private VariantsJson() {}

    static Variants toDomain(@Nullable List<@Nullable VariantJson> variants) {
        if (variants == null) {
            throw new InvalidDefinition(
                    "variants",
                    "is missing, expected 2 to 10000 arms such as [{\"name\":\"control\"},{\"name\":\"treatment\"}]");
        }
        int n = variants.size();
        if (n < Variants.MIN_ARMS || n > Variants.MAX_ARMS) {
            throw new InvalidDefinition(
                    "variants", "has " + n + " arms, expected " + Variants.MIN_ARMS + " to " + Variants.MAX_ARMS);
        }
        VariantJson first = variants.getFirst();
        boolean given = first != null && first.allocation() != null;
        List<Variant> arms = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            arms.add(arm("variants[" + i + "]", variants.get(i), given, n));
        }
        return Variants.of(arms);
    }

    private static Variant arm(String path, @Nullable VariantJson arm, boolean given, int arms) {
        if (arm == null) {
            throw new InvalidDefinition(path, "is null, expected an object with a name");
        }
        if (arm.name() == null) {
            throw new InvalidDefinition(path + ".name", "is missing, " + Check.NAME_EXPECTED);
        }
        Double allocation = arm.allocation();
        if ((allocation != null) != given) {
            throw new InvalidDefinition(
                    path + ".allocation",
                    "is " + (given ? "missing" : allocation) + ", expected an allocation for every arm or for none");
        }
        try {
            return new Variant(
                    arm.name(),
                    allocation == null ? 1.0 / arms : allocation,
                    Boolean.TRUE.equals(arm.control()),
                    Boolean.TRUE.equals(arm.paused()));
        } catch (InvalidDefinition e) {
            throw e.inside(path);
        }
    }
}
