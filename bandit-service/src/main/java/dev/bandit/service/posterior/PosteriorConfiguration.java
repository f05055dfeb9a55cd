package dev.bandit.service.posterior;

import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(PosteriorProperties.class)
class PosteriorConfiguration {}
