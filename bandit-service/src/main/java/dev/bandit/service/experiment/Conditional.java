package dev.bandit.service.experiment;

import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.media.Schema;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Describes the headers that every change of an experiment understands. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Parameter(
        name = "If-Match",
        in = ParameterIn.HEADER,
        description = "The version to change, in quotes: 412 when it is another by now",
        example = "\"3\"",
        schema = @Schema(type = "string"))
@Parameter(
        name = Actor.HEADER,
        in = ParameterIn.HEADER,
        description = "Who asks, for the audit log; else the address that the request comes from",
        schema = @Schema(type = "string"))
@interface Conditional {}
