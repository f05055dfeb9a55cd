package dev.bandit.service.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import dev.bandit.service.testing.LiveService;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The built-in page, as somebody with a browser has it. */
class PageIT extends LiveService {

    private static Browser browser;

    private final SplittableRandom random = new SplittableRandom(20261122);

    @BeforeAll
    static void start() {
        browser = new Browser();
        PlaywrightAssertions.setDefaultAssertionTimeout(Browser.PATIENCE_MS);
    }

    @AfterAll
    static void stop() {
        browser.close();
    }

    @AfterEach
    void nothing_was_complained_of_and_nobody_else_asked() {
        List<String> elsewhere = browser.requests().stream()
                .filter(request -> !request.startsWith(url() + "/"))
                .toList();
        List<String> complaints = browser.complaints();
        browser.tidy();
        assertThat(complaints).isEmpty();
        assertThat(elsewhere).isEmpty();
    }

    @Test
    void a_new_user_makes_an_experiment_watches_the_leader_change_and_concludes_it() {
        // First in the list, however many there are.
        String name = "a-first-step-" + System.nanoTime() % 1_000_000;
        Page page = wide("/");
        link(page, "New experiment").first().click();
        assertThat(page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setLevel(1)))
                .hasText("New experiment");
        page.getByLabel("Name", new Page.GetByLabelOptions().setExact(true)).fill(name);
        page.getByLabel("Least probability of an arm").fill("0.3");
        variant(page, 2).fill("bold");
        button(page, "Create").click();

        assertThat(page.locator("h1")).containsText(name);
        assertThat(page.locator(".headline")).containsText("INCOMPLETE");
        assertThat(page.locator(".state")).hasText("running");

        traffic(name, 200, arm -> arm.equals("control") ? 0.6 : 0.2);
        assertThat(arm(page, "control")).containsText("control");
        assertThat(page.locator("#main")).containsText("No treatment does better than control");
        String before = page.locator(".scroll[aria-label=Arms]").innerText();
        for (int i = 0; i < 4; i++) {
            awaitSnapshot(
                    page, name, 200 + 800 * i); // between one wave and the next, so that there is a history to draw
            traffic(name, 800, arm -> arm.equals("control") ? 0.3 : 0.95);
        }
        assertThat(page.locator("#main")).containsText("bold leads control");
        assertThat(page.locator(".scroll[aria-label=Arms]").innerText()).isNotEqualTo(before);
        assertThat(page.locator(".headline")).containsText("SHIP");
        assertThat(page.locator(".headline")).containsText("Conclude it with bold.");
        assertThat(page.locator("figure canvas")).hasCount(4);

        button(page, "Pause").click();
        assertThat(page.locator(".state")).hasText("paused");
        assertThat(button(page, "Resume")).isFocused();
        button(page, "Resume").click();
        assertThat(page.locator(".state")).hasText("running");

        button(page, "Conclude…").click();
        assertThat(page.getByRole(AriaRole.DIALOG)).containsText("everybody gets the winner");
        page.getByLabel("Winner").selectOption("bold");
        page.getByRole(AriaRole.DIALOG)
                .getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName("Conclude"))
                .click();
        assertThat(page.locator(".state")).hasText("concluded: bold");
        assertThat(page.locator(".headline")).containsText("everybody gets bold");
        Locator trail = page.locator(".scroll[aria-label^='Audit trail'] tbody tr");
        assertThat(trail).hasCount(4);
        assertThat(trail.first()).containsText("conclude");
        assertThat(trail.last()).containsText("create");

        link(page, "Experiments").click();
        assertThat(page.locator(".experiments tr", new Page.LocatorOptions().setHasText(name)))
                .containsText("concluded: bold");
    }

    @Test
    void what_the_service_refuses_is_told_beside_the_field() {
        experiment(2);
        Page page = wide("/#/new");
        Locator name = page.getByLabel("Name", new Page.GetByLabelOptions().setExact(true));
        name.fill("has spaces");
        variant(page, 2).fill("control");
        button(page, "Create").click();
        assertThat(page.locator("[aria-invalid]")).hasCount(1);
        assertThat(page.locator(":focus")).hasAttribute("aria-invalid", "true");

        name.fill("refused");
        variant(page, 2).fill("other");
        page.getByText("Guardrails", new Page.GetByTextOptions().setExact(true)).click();
        page.getByLabel("Significance level").fill("7");
        page.getByText("Guardrails", new Page.GetByTextOptions().setExact(true)).click();
        button(page, "Create").click();
        Locator level = page.getByLabel("Significance level");
        assertThat(level).isFocused();
        assertThat(level).hasAccessibleDescription(Pattern.compile("guardrails.alpha is 7.0, expected more than 0"));
        level.fill("0.1");
        page.getByLabel("Policy").selectOption("fixed");
        page.getByLabel("Share").first().fill("0.7");
        button(page, "Create").click();
        assertThat(page.getByLabel("Share").last())
                .hasAccessibleDescription(Pattern.compile("variants\\[1\\].allocation is missing"));
        page.getByLabel("Share").last().fill("0.3");
        button(page, "Create").click();
        assertThat(page.locator("h1")).containsText("refused");
        assertThat(page.locator("#main")).containsText("at a level of 10 %");

        page.navigate(url() + "/#/new");
        name.fill("refused");
        button(page, "Create").click();
        assertThat(name).hasAccessibleDescription(Pattern.compile("There is an experiment called refused already"));
        assertThat(browser.complaints()).allMatch(complaint -> complaint.contains("Failed to load resource"));
    }

    @Test
    void single_arms_are_paused_and_resumed() {
        String id = experiment(3);
        Page page = wide("/#/experiments/" + id);
        button(page, "Arms…").click();
        Locator dialog = page.getByRole(AriaRole.DIALOG);
        button(page, "Pause b").click();
        assertThat(button(page, "Resume b")).isFocused();
        assertThat(arm(page, "b (paused)")).isAttached();
        button(page, "Pause a").click();
        assertThat(button(page, "Resume a")).isFocused();
        button(page, "Pause c").click();
        assertThat(dialog.getByRole(AriaRole.ALERT)).containsText("expected one at least that is not");
        assertThat(Browser.barriers(page)).isEmpty();
        button(page, "Resume b").click();
        assertThat(button(page, "Pause b")).isFocused();
        button(page, "Close").click();
        assertThat(button(page, "Arms…")).isFocused();
        assertThat(arm(page, "a (control) (paused)")).isVisible();
        assertThat(page.locator(".scroll[aria-label^='Audit trail'] tbody tr")).hasCount(4);
        assertThat(browser.complaints()).allMatch(complaint -> complaint.contains("Failed to load resource"));
    }

    @Test
    void an_unknown_experiment_gets_a_kind_word() {
        Page page = wide("/#/experiments/nobody");
        assertThat(page.locator("h1")).hasText("There is no such experiment");
        assertThat(page.locator("#main")).containsText("Nothing here is called “nobody”");
        assertThat(browser.complaints()).allMatch(complaint -> complaint.contains("404"));
        page.navigate(url() + "/#/experiments/%3Cimg%20src=x%20onerror=alert(1)%3E");
        assertThat(page.locator("#main")).containsText("<img src=x onerror=alert(1)>");
        assertThat(page.locator("#main img")).hasCount(0);
        assertThat(browser.complaints()).allMatch(complaint -> complaint.contains("404"));
    }

    @Test
    void a_service_that_is_away_is_told_and_asked_again() {
        String id = experiment(2);
        traffic(id, 50, arm -> 0.5);
        Page page = wide("/#/experiments/" + id);
        assertThat(arm(page, "a")).isVisible();
        page.route("**/experiments/**", Route::abort);
        assertThat(page.getByRole(AriaRole.STATUS)).containsText("cannot be reached. Trying again");
        assertThat(arm(page, "a")).isVisible();
        page.unroute("**/experiments/**");
        assertThat(page.locator("#connection")).isHidden();
        assertThat(browser.complaints()).allMatch(complaint -> complaint.contains("ERR_FAILED"));
    }

    @Test
    void new_numbers_leave_the_focus_and_the_elements_where_they_are() {
        String id = experiment(2);
        traffic(id, 50, arm -> 0.5);
        Page page = wide("/#/experiments/" + id);
        Locator table = page.getByText("Rate as a table");
        table.click();
        page.evaluate("document.querySelector('figure canvas').marked = document.activeElement.marked = true");
        traffic(id, 50, arm -> 0.5);
        assertThat(page.locator(".scroll[aria-label=Arms]"))
                .containsText(Pattern.compile("\\b50\\.0 %|\\b\\d\\d\\.\\d %"));
        page.waitForCondition(
                () -> (int) page.evaluate("[...document.querySelectorAll('.scroll[aria-label=Arms] tbody tr')]"
                                + ".reduce((sum, row) => sum + Number(row.children[3].textContent), 0)")
                        == 100);
        assertThat(table).isFocused();
        assertThat((boolean) page.evaluate(
                        "document.querySelector('figure canvas').marked && document.activeElement.marked"))
                .isTrue();
        assertThat(page.locator("details[open] table tbody tr").first()).isVisible();
    }

    @Test
    void everybody_can_read_it() {
        String id = experiment(3, "min_allocation", 0.1);
        traffic(id, 300, arm -> arm.equals("b") ? 0.4 : 0.2);
        for (ColorScheme colours : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
            for (int width : List.of(1200, 360)) {
                for (String path : List.of("/", "/#/new", "/#/experiments/" + id)) {
                    Page page = browser.open(url() + path, width, 740, colours);
                    assertThat(page.locator("footer")).containsText(path.equals("/#/new") ? "" : "Updated");
                    page.evaluate("document.querySelectorAll('details').forEach((box) => (box.open = true))");
                    assertThat(Browser.barriers(page))
                            .as("%s at %s, %s", path, width, colours)
                            .isEmpty();
                    assertThat((int) page.evaluate("document.documentElement.scrollWidth"))
                            .as("width of %s at %s", path, width)
                            .isLessThanOrEqualTo(width);
                    page.close();
                }
            }
        }
        browser.requests().removeIf("about:blank"::equals);
    }

    @Test
    void densities_hold_up_to_a_thousand_million() {
        Page page = wide("/");
        for (double[] beta :
                new double[][] {{1, 1}, {2, 5}, {9.5, 11}, {30, 3000}, {5, 1e9}, {1e9, 40}, {4e8, 6e8}, {1e9, 1e9}}) {
            Object moments = page.evaluate("""
                    async ([a, b]) => {
                      const { logDensity, standardDeviation } = await import("/page/beta.js");
                      const [mean, sd, n] = [a / (a + b), standardDeviation(a, b), 20000];
                      const [low, high] = [Math.max(0, mean - 12 * sd), Math.min(1, mean + 12 * sd)];
                      let [mass, first] = [0, 0];
                      for (let i = 0; i < n; i++) {
                        const x = low + ((high - low) * (i + 0.5)) / n;
                        const part = (Math.exp(logDensity(a, b, x)) * (high - low)) / n;
                        mass += part;
                        first += part * (x - mean);
                      }
                      return [mass, first / sd];
                    }""", List.of(beta[0], beta[1]));
            List<?> both = (List<?>) moments;
            assertThat(((Number) both.get(0)).doubleValue())
                    .as("mass of Beta(%s, %s)", beta[0], beta[1])
                    .isBetween(0.99999, 1.00001);
            assertThat(((Number) both.get(1)).doubleValue())
                    .as("mean of Beta(%s, %s)", beta[0], beta[1])
                    .isBetween(-1e-4, 1e-4);
        }
    }

    /** Drawn anew by {@code -Dbandit.write-docs=true}; drawn all the same without it, so that it can be. */
    @Test
    void pictures_of_an_experiment_with_some_thousand_decisions() {
        http.put(
                "/experiments/button-color",
                Map.of(
                        "min_allocation",
                        0.05,
                        "variants",
                        List.of(
                                Map.of("name", "blue", "control", true),
                                Map.of("name", "green"),
                                Map.of("name", "red"))));
        Map<String, Double> rates = Map.of("blue", 0.11, "green", 0.17, "red", 0.08);
        Page page = wide("/");
        for (int i = 0; i < 50; i++) {
            if (i % 13 == 0) {
                awaitSnapshot(page, "button-color", 100 * i);
            }
            traffic("button-color", 100, rates::get);
            page.waitForTimeout(150);
        }
        picture("light", 1060, 1280, ColorScheme.LIGHT);
        picture("dark", 1060, 1280, ColorScheme.DARK);
        picture("phone", 360, 1500, ColorScheme.LIGHT);
    }

    private void picture(String name, int width, int height, ColorScheme colours) {
        Page page = browser.open(url() + "/#/experiments/button-color", width, height, colours);
        assertThat(page.locator("figure canvas")).hasCount(4);
        page.waitForTimeout(300);
        Page.ScreenshotOptions options = new Page.ScreenshotOptions();
        if (Boolean.getBoolean("bandit.write-docs")) {
            options.setPath(Path.of("../docs/pictures/page-" + name + ".png"));
        }
        assertThat(page.screenshot(options)).hasSizeLessThan(200_000);
    }

    private Page wide(String path) {
        return browser.open(url() + path, 1200, 900, ColorScheme.LIGHT);
    }

    private static Locator variant(Page page, int number) {
        return page.getByLabel("Variant " + number, new Page.GetByLabelOptions().setExact(true));
    }

    private static Locator button(Page page, String name) {
        return page.getByRole(
                AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    private static Locator link(Page page, String name) {
        return page.getByRole(
                AriaRole.LINK, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    private static Locator arm(Page page, String name) {
        return page.locator(".scroll[aria-label=Arms] tbody tr", new Page.LocatorOptions().setHasText(name))
                .first();
    }

    /** Waits for a snapshot of so many trials; the report may not have counted them yet. */
    private void awaitSnapshot(Page page, String id, long trials) {
        page.waitForCondition(
                () -> {
                    JsonNode snapshots =
                            http.get("/experiments/" + id + "/snapshots").body().get("snapshots");
                    return !snapshots.isEmpty() && trials(snapshots.get(snapshots.size() - 1)) >= trials;
                },
                new Page.WaitForConditionOptions().setTimeout(Browser.PATIENCE_MS));
    }

    private static long trials(JsonNode report) {
        return report.get("arms")
                .valueStream()
                .mapToLong(arm -> arm.get("trials").asLong())
                .sum();
    }

    /** Decisions, each with its outcome. */
    private void traffic(String id, int decisions, ToDoubleFunction<String> rate) {
        List<Map<String, Object>> requests = new ArrayList<>();
        for (int i = 0; i < decisions; i++) {
            requests.add(Map.of("experiment_id", id, "unit_id", "unit-" + random.nextInt(1_000_000)));
        }
        List<Map<String, Object>> rewards = new ArrayList<>();
        for (JsonNode decision :
                http.post("/select/batch", Map.of("requests", requests)).body().get("decisions")) {
            double chance = rate.applyAsDouble(decision.get("arm_id").asString());
            rewards.add(new HashMap<>(Map.of(
                    "decision_id",
                    decision.get("decision_id").asString(),
                    "reward",
                    random.nextDouble() < chance ? 1 : 0)));
        }
        assertThat(http.post("/reward/batch", Map.of("rewards", rewards)).status())
                .isEqualTo(200);
    }
}
