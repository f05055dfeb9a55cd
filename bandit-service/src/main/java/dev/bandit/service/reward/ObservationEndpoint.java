package dev.bandit.service.reward;

import dev.bandit.service.decision.DecisionIds;
import dev.bandit.service.endpoint.PostEndpoint;
import dev.bandit.service.problem.Answers;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** {@code POST /observe}. */
@Configuration(proxyBeanMethods = false)
class ObservationEndpoint {

    /** @param status accepted: of several for one decision the first stands in the ledger */
    record ObservationResponse(String status, String experimentId, String armId) {}

    @Bean
    PostEndpoint<ObservationRequest, ObservationResponse> observeEndpoint(RewardRecorder recorder, DecisionIds ids) {
        return new PostEndpoint<>(
                "/observe",
                ObservationRequest.class,
                ObservationResponse.class,
                "Observations",
                "Tell how a decision's arm did its work",
                "Latency, score, model version and other metrics of the inference between a decision and its reward. Reports"
                        + " are made of them; nothing is learned from them. Of several for one decision the first stands.",
                (request, response) -> {
                    Recorded recorded = Answers.awaitBatch(recorder.record(request.toDomain(ids)));
                    return new ObservationResponse("accepted", recorded.experimentId(), recorded.armId());
                });
    }
}
