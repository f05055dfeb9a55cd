package dev.bandit.service.experiment;

import dev.bandit.service.experiment.Definition.Variant;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.RandomAccess;
import java.util.stream.IntStream;

/**
 * The arms of an experiment in the order of its definition: 2 to 10,000, names distinct, allocations that sum to 1, exactly one control.
 * An unmodifiable list that also finds an arm by its name in constant time.
 */
public final class Variants extends AbstractList<Variant> implements RandomAccess {

    /** Fewest and most arms an experiment may have. */
    public static final int MIN_ARMS = 2;

    public static final int MAX_ARMS = 10_000;

    /** 1e-6, and room for the rounding of sums that miss by just that: three times 0.333333. */
    private static final double SUM_TOLERANCE = 1e-6 + 1e-12;
    /** What 10,000 roundings can add up to; sums this close are left alone, so that reading back what was written changes nothing. */
    private static final double ROUNDING = 1e-12;

    private final Variant[] arms;
    private final Map<String, Integer> indexOfName;
    private final int control;

    private Variants(Variant[] arms, Map<String, Integer> indexOfName, int control) {
        this.arms = arms;
        this.indexOfName = indexOfName;
        this.control = control;
    }

    /**
     * Arms with their shares. Without a control among them the first becomes it; shares that miss 1 by a rounding are scaled.
     *
     * @throws InvalidDefinition if there are fewer than 2 or more than 10,000 arms, two with one name, two controls, or shares that do not
     *     sum to 1 within 1e-6
     */
    public static Variants of(List<Variant> variants) {
        int n = variants.size();
        if (n < MIN_ARMS || n > MAX_ARMS) {
            throw new InvalidDefinition("variants", "has " + n + " arms, expected " + MIN_ARMS + " to " + MAX_ARMS);
        }
        Map<String, Integer> index = HashMap.newHashMap(n);
        int control = -1;
        for (int i = 0; i < n; i++) {
            Variant arm = variants.get(i);
            Integer earlier = index.putIfAbsent(arm.name(), i);
            if (earlier != null) {
                throw new InvalidDefinition(
                        "variants[" + i + "].name",
                        "is " + Check.shown(arm.name()) + ", the name of variants[" + earlier
                                + "] too, expected distinct names");
            }
            if (arm.control()) {
                if (control >= 0) {
                    throw new InvalidDefinition(
                            "variants[" + i + "].control",
                            "is true, and so is variants[" + control + "].control, expected at most one control");
                }
                control = i;
            }
        }
        if (variants.stream().allMatch(Variant::paused)) {
            throw new InvalidDefinition("variants", "are all paused, expected one at least that is not");
        }
        return new Variants(normalised(variants, Math.max(control, 0)), index, Math.max(control, 0));
    }

    /** Arms of these names with equal shares; the first is the control. */
    public static Variants equal(String... names) {
        return of(Arrays.stream(names)
                .map(name -> new Variant(name, 1.0 / names.length, false))
                .toList());
    }

    private static Variant[] normalised(List<Variant> variants, int control) {
        double sum = sum(variants);
        if (!(Math.abs(sum - 1.0) <= SUM_TOLERANCE)) {
            throw new InvalidDefinition("variants", "has allocations that sum to " + sum + ", expected a sum of 1");
        }
        double scale = Math.abs(sum - 1.0) <= ROUNDING ? 1.0 : sum;
        Variant[] arms = new Variant[variants.size()];
        for (int i = 0; i < arms.length; i++) {
            Variant arm = variants.get(i);
            arms[i] = new Variant(arm.name(), Math.min(arm.allocation() / scale, 1.0), i == control, arm.paused());
        }
        return arms;
    }

    /** Kahan's sum, so that the order of ten thousand shares does not matter. */
    private static double sum(List<Variant> variants) {
        double sum = 0;
        double lost = 0;
        for (Variant arm : variants) {
            double term = arm.allocation() - lost;
            double next = sum + term;
            lost = (next - sum) - term;
            sum = next;
        }
        return sum;
    }

    /** Position of the arm of that name, if there is one; constant time. */
    public OptionalInt armIndex(String name) {
        Integer index = indexOfName.get(name);
        return index == null ? OptionalInt.empty() : OptionalInt.of(index);
    }

    /** Position of the control. */
    public int control() {
        return control;
    }

    /** Positions of the arms that are not paused, ascending; a fresh array, never empty. */
    public int[] active() {
        return IntStream.range(0, arms.length).filter(i -> !arms[i].paused()).toArray();
    }

    /**
     * The same with one arm paused, or taken up again.
     *
     * @throws InvalidDefinition if there is no such arm, or none would be left
     */
    Variants withPaused(String name, boolean paused) {
        int index = armIndex(name)
                .orElseThrow(() ->
                        new InvalidDefinition("arm", "is " + Check.shown(name) + ", expected the name of an arm"));
        List<Variant> changed = new ArrayList<>(this);
        Variant arm = arms[index];
        changed.set(index, new Variant(arm.name(), arm.allocation(), arm.control(), paused));
        return of(changed);
    }

    /** The names in order. */
    public List<String> names() {
        List<String> names = new ArrayList<>(arms.length);
        for (Variant arm : arms) {
            names.add(arm.name());
        }
        return List.copyOf(names);
    }

    /** The shares in order; a fresh array. */
    public double[] allocations() {
        return Arrays.stream(arms).mapToDouble(Variant::allocation).toArray();
    }

    @Override
    public Variant get(int index) {
        return arms[index];
    }

    @Override
    public int size() {
        return arms.length;
    }
}
