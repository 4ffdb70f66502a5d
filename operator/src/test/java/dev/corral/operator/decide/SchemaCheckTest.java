package dev.corral.operator.decide;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

class SchemaCheckTest {
    private static final String SCHEMA =
            "{'type':'object','required':['url'],'properties':{'url':{'type':'string'},'at':{'properties':{'x':{'type':'number'}}}}}";

    @Test
    void problemNamesTheFieldAsASpecWouldWriteIt() throws Exception {
        assertThat(SchemaCheck.problems(json(SCHEMA), json("{'link':'x'}"), "spec.input"))
                .singleElement()
                .asString()
                .startsWith("spec.input: ")
                .contains("url");
        assertThat(SchemaCheck.problems(json(SCHEMA), json("{'url':1}"), "spec.input"))
                .singleElement()
                .asString()
                .startsWith("spec.input.url: ");
        assertThat(SchemaCheck.problems(json(SCHEMA), json("{'url':'','at':{'x':'y'}}"), "spec.input"))
                .singleElement()
                .asString()
                .startsWith("spec.input.at.x: ");
    }

    @Test
    void whatFitsAndWhatHasNoSchemaHasNoProblem() throws Exception {
        assertThat(SchemaCheck.problems(json(SCHEMA), json("{'url':''}"), "spec.input"))
                .isEmpty();
        assertThat(SchemaCheck.problems(null, json("{}"), "spec.input")).isEmpty();
    }

    private static JsonNode json(String text) throws Exception {
        return new ObjectMapper().readTree(text.replace('\'', '"'));
    }
}
