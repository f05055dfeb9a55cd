package dev.bandit.service.plan;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** {@code POST /plan}. */
@RestController
@Tag(name = "Planning", description = "What an experiment will do before it begins")
final class PlanController {

    private final PlanDesk desk = new PlanDesk();

    @Operation(
            summary = "Forecast an experiment, as a bandit and as a fixed split",
            description =
                    "Simulates both many times with the rates you expect: days to a verdict, errors, successes lost, the fixed sample by power calculation, and which of the two to take. Changes nothing. One plan at a time; ./bandit plan does the same without a service, and has more time for it.")
    @PostMapping("/plan")
    Forecast plan(@RequestBody PlanRequest request) {
        return desk.forecast(request.toDomain());
    }
}
