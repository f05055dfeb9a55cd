# The production image. It holds no embedded servers: without SPRING_DATA_REDIS_URL and SPRING_DATASOURCE_URL it says so and ends.
#   ./mvnw -Dquick -DskipTests -pl bandit-service -am package && docker build -t bandit .
FROM eclipse-temurin:25-jre AS layers
WORKDIR /build
COPY bandit-service/target/bandit-service.jar .
RUN java -Djarmode=tools -jar bandit-service.jar extract --layers --destination layers

FROM eclipse-temurin:25-jre
RUN useradd --system --uid 10001 --home-dir /var/lib/bandit --create-home bandit
WORKDIR /opt/bandit
# What changes seldom comes first, so that a new version of the service is a small layer.
COPY --from=layers /build/layers/dependencies/ ./
COPY --from=layers /build/layers/spring-boot-loader/ ./
COPY --from=layers /build/layers/snapshot-dependencies/ ./
COPY --from=layers /build/layers/application/ ./
USER 10001
ENV SPRING_PROFILES_ACTIVE=production BANDIT_DATA_DIR=/var/lib/bandit
# The local journal of decisions that Redis has not taken yet: keep it over a restart.
VOLUME /var/lib/bandit
EXPOSE 8080
ENTRYPOINT ["java", "-XX:MaxRAMPercentage=75", "-XX:+ExitOnOutOfMemoryError", "-jar", "bandit-service.jar"]
CMD ["serve"]
