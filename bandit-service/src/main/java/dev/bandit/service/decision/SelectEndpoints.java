package dev.bandit.service.decision;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.bandit.service.endpoint.PostEndpoint;
import dev.bandit.service.experiment.Experiment;
import dev.bandit.service.problem.Answers;
import dev.bandit.service.problem.InvalidRequest;
import dev.bandit.service.problem.Problem;
import dev.bandit.service.problem.ProblemJson;
import dev.bandit.service.problem.Text;
import jakarta.servlet.http.HttpServletResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** {@code POST /select} and {@code POST /select/batch}. */
@Configuration(proxyBeanMethods = false)
class SelectEndpoints {

    static final int MAX_BATCH = 1_000;
    private static final int MAX_UNIT = 256;
    private static final String DEGRADED = "Bandit-Degraded";
    private static final String TAG = "Decisions";

    private final Selector selector;

    SelectEndpoints(Selector selector) {
        this.selector = selector;
    }

    /** Which arm should this unit get? */
    record SelectRequest(
            String experimentId,
            @Nullable String unitId,
            @Nullable List<String> eligibleArms) {

        SelectRequest {
            if (experimentId == null) {
                throw new InvalidRequest("experiment_id", "is missing, expected the id of an experiment");
            }
            if (!Experiment.isId(experimentId)) {
                throw new InvalidRequest("experiment_id", "is not an id, expected 1 to 128 of A-Z a-z 0-9 . _ -");
            }
            if (unitId != null && !Text.printable(unitId, MAX_UNIT)) {
                throw new InvalidRequest(
                        "unit_id", "is not an id, expected 1 to " + MAX_UNIT + " characters, no control characters");
            }
            if (eligibleArms != null && (eligibleArms.isEmpty() || eligibleArms.contains(null))) {
                throw new InvalidRequest(
                        "eligible_arms", "has no arm or a null, expected at least one arm, or no such field for all");
            }
        }
    }

    /** The arm it gets. */
    record SelectResponse(
            String decisionId,
            String experimentId,
            String armId,
            double propensity,
            String policy,
            long posteriorVersion) {

        static SelectResponse from(Decision decision) {
            return new SelectResponse(
                    decision.decisionId(),
                    decision.experimentId(),
                    decision.armId(),
                    decision.propensity(),
                    decision.policy(),
                    decision.posteriorVersion());
        }
    }

    record BatchRequest(List<SelectRequest> requests) {
        BatchRequest {
            if (requests == null || requests.isEmpty() || requests.size() > MAX_BATCH || requests.contains(null)) {
                throw new InvalidRequest(
                        "requests",
                        (requests == null ? "is missing" : "has " + requests.size() + " items or a null")
                                + ", expected 1 to " + MAX_BATCH + " requests");
            }
        }
    }

    /** One item's decision, or its error. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record BatchItem(
            @Nullable String decisionId,
            @Nullable String experimentId,
            @Nullable String armId,
            @Nullable Double propensity,
            @Nullable String policy,
            @Nullable Long posteriorVersion,
            @Nullable ProblemJson error) {

        static BatchItem from(Decision decision) {
            return new BatchItem(
                    decision.decisionId(),
                    decision.experimentId(),
                    decision.armId(),
                    decision.propensity(),
                    decision.policy(),
                    decision.posteriorVersion(),
                    null);
        }

        static BatchItem from(Problem problem) {
            return new BatchItem(null, null, null, null, null, null, ProblemJson.from(problem));
        }
    }

    record BatchResponse(List<BatchItem> decisions) {}

    @Bean
    PostEndpoint<SelectRequest, SelectResponse> selectEndpoint() {
        return new PostEndpoint<>(
                "/select",
                SelectRequest.class,
                SelectResponse.class,
                TAG,
                "Choose an arm",
                "Answers with the arm, the exact probability with which it was chosen, and the id to reward.",
                this::select);
    }

    @Bean
    PostEndpoint<BatchRequest, BatchResponse> selectBatchEndpoint() {
        return new PostEndpoint<>(
                "/select/batch",
                BatchRequest.class,
                BatchResponse.class,
                TAG,
                "Choose many arms",
                "Each item is decided, or refused, by itself; the answers are in the order of the requests.",
                this::selectBatch);
    }

    private SelectResponse select(SelectRequest request, HttpServletResponse response) {
        Decision decision =
                Answers.awaitBatch(selector.select(request.experimentId, request.unitId, request.eligibleArms));
        tell(decision.degraded(), response);
        return SelectResponse.from(decision);
    }

    private BatchResponse selectBatch(BatchRequest request, HttpServletResponse response) {
        List<Object> sent = new ArrayList<>(request.requests.size());
        for (SelectRequest item : request.requests) {
            try {
                sent.add(selector.select(item.experimentId, item.unitId, item.eligibleArms));
            } catch (Problem problem) {
                sent.add(problem);
            }
        }
        boolean degraded = false;
        List<BatchItem> items = new ArrayList<>(sent.size());
        for (Object item : sent) {
            try {
                if (item instanceof Problem problem) {
                    throw problem;
                }
                @SuppressWarnings("unchecked")
                Decision decision = Answers.awaitBatch((CompletableFuture<Decision>) item);
                degraded |= decision.degraded();
                items.add(BatchItem.from(decision));
            } catch (Problem problem) {
                items.add(BatchItem.from(problem));
            }
        }
        tell(degraded, response);
        return new BatchResponse(items);
    }

    private static void tell(boolean degraded, HttpServletResponse response) {
        if (degraded) {
            response.setHeader(DEGRADED, "store");
        }
    }
}
