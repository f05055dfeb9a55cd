package dev.bandit.service.reward;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.bandit.service.decision.DecisionIds;
import dev.bandit.service.endpoint.PostEndpoint;
import dev.bandit.service.problem.Answers;
import dev.bandit.service.problem.InvalidRequest;
import dev.bandit.service.problem.Problem;
import dev.bandit.service.problem.ProblemJson;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** {@code POST /reward} and {@code POST /reward/batch}. */
@Configuration(proxyBeanMethods = false)
class RewardEndpoints {

    static final int MAX_BATCH = 1_000;
    private static final String TAG = "Rewards";

    private final RewardRecorder recorder;
    private final DecisionIds ids;

    RewardEndpoints(RewardRecorder recorder, DecisionIds ids) {
        this.recorder = recorder;
        this.ids = ids;
    }

    record RewardBatchRequest(List<RewardRequest> rewards) {
        RewardBatchRequest {
            if (rewards == null || rewards.isEmpty() || rewards.size() > MAX_BATCH || rewards.contains(null)) {
                throw new InvalidRequest(
                        "rewards",
                        (rewards == null ? "is missing" : "has " + rewards.size() + " items or a null")
                                + ", expected 1 to " + MAX_BATCH + " rewards");
            }
        }
    }

    /**
     * What became of a reward, or its error.
     *
     * @param status applied or duplicate
     * @param late true when it came after its decision's window: on record, not learned from
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record RewardResponse(
            @Nullable String status,
            @Nullable String experimentId,
            @Nullable String armId,
            @Nullable Boolean late,
            @Nullable ProblemJson error) {

        static RewardResponse from(Recorded recorded) {
            return new RewardResponse(
                    recorded.duplicate() ? "duplicate" : "applied",
                    recorded.experimentId(),
                    recorded.armId(),
                    recorded.late() ? true : null,
                    null);
        }

        static RewardResponse from(Problem problem) {
            return new RewardResponse(null, null, null, null, ProblemJson.from(problem));
        }
    }

    record RewardBatchResponse(List<RewardResponse> results) {}

    @Bean
    PostEndpoint<RewardRequest, RewardResponse> rewardEndpoint() {
        return new PostEndpoint<>(
                "/reward",
                RewardRequest.class,
                RewardResponse.class,
                TAG,
                "Reward a decision",
                "Counts once, however often it is sent: the second time the answer says duplicate. Another value for the same"
                        + " decision is a conflict (409) and counts nothing.",
                (request, response) -> reward(request));
    }

    @Bean
    PostEndpoint<RewardBatchRequest, RewardBatchResponse> rewardBatchEndpoint() {
        return new PostEndpoint<>(
                "/reward/batch",
                RewardBatchRequest.class,
                RewardBatchResponse.class,
                TAG,
                "Reward many decisions",
                "Each item counts, or is refused, by itself; the results are in the order of the rewards.",
                (request, response) -> rewardBatch(request));
    }

    private RewardResponse reward(RewardRequest request) {
        return RewardResponse.from(Answers.awaitBatch(recorder.record(request.toDomain(ids))));
    }

    private RewardBatchResponse rewardBatch(RewardBatchRequest request) {
        List<Object> sent = new ArrayList<>(request.rewards.size());
        for (RewardRequest item : request.rewards) {
            try {
                sent.add(recorder.record(item.toDomain(ids)));
            } catch (Problem problem) {
                sent.add(problem);
            }
        }
        List<RewardResponse> results = new ArrayList<>(sent.size());
        for (Object item : sent) {
            try {
                if (item instanceof Problem problem) {
                    throw problem;
                }
                @SuppressWarnings("unchecked")
                CompletableFuture<Recorded> answer = (CompletableFuture<Recorded>) item;
                results.add(RewardResponse.from(Answers.awaitBatch(answer)));
            } catch (Problem problem) {
                results.add(RewardResponse.from(problem));
            }
        }
        return new RewardBatchResponse(results);
    }
}
