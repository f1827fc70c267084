using System.Text.Json;
using MadgNet.AspNetCore.Tests.Support;
using MadgNet.Onnx.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace MadgNet.AspNetCore.Tests;

/// <summary>The document for machines says what the service does.</summary>
public sealed class DocumentTests
{
    [Theory]
    [InlineData("/segment", "")]
    [InlineData("/nuclei/find", "/nuclei")]
    public async Task It_names_every_route_and_no_other(string pattern, string folder)
    {
        await using TestService service = await TestService.StartAsync(new BrightnessPredictor(), pattern: pattern);
        string[] routes =
        [
            .. service.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
                .SelectMany(endpoint => endpoint.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods
                    .Select(method => $"{method.ToLowerInvariant()} {endpoint.RoutePattern.RawText}"))
                .Where(route => !IsPage(route["get ".Length..][folder.Length..]))
                .Order(StringComparer.Ordinal),
        ];
        JsonElement document = await Document(service, folder);
        string[] described =
        [
            .. document.GetProperty("paths").EnumerateObject()
                .SelectMany(path => path.Value.EnumerateObject().Select(method => $"{method.Name} {folder}{path.Name}"))
                .Order(StringComparer.Ordinal),
        ];
        Assert.Equal(routes, described);
    }

    /// <summary>The page and its files are for people.</summary>
    private static bool IsPage(string path) => path == "/" || Path.GetExtension(path) is ".css" or ".js";

    [Fact]
    public async Task It_names_every_form_and_every_member_of_the_answers()
    {
        await using TestService service = await TestService.StartAsync(new BrightnessPredictor());
        JsonElement document = await Document(service, "");
        JsonElement post = document.GetProperty("paths").GetProperty("/segment").GetProperty("post");
        JsonElement output = post.GetProperty("parameters").EnumerateArray()
            .Single(part => part.GetProperty("name").GetString() == "output");
        Assert.Equal(
            OutputChoice.BuiltIn, output.GetProperty("schema").GetProperty("enum").EnumerateArray().Select(name => name.GetString()!));
        JsonElement schemas = document.GetProperty("components").GetProperty("schemas");
        (_, JsonElement answer) = await service.AskAsync(TestService.Png(TestService.Picture()));
        Same(schemas, "Segmentation", answer);
        Same(schemas, "Label", answer.GetProperty("labels")[0]);
        Same(schemas, "Region", answer.GetProperty("labels")[0].GetProperty("regions")[0]);
        Same(schemas, "Model", JsonDocument.Parse(await service.Client.GetStringAsync("/model")).RootElement);
        Same(schemas, "Status", JsonDocument.Parse(await service.Client.GetStringAsync("/health/ready")).RootElement);
        (_, JsonElement problem) = await service.AskAsync([], "");
        Assert.Subset(Names(schemas, "Problem"), problem.EnumerateObject().Select(member => member.Name).ToHashSet());
    }

    [Fact]
    public async Task Its_references_lead_somewhere()
    {
        await using TestService service = await TestService.StartAsync(new BrightnessPredictor());
        JsonElement document = await Document(service, "");
        foreach (string reference in References(document))
        {
            JsonElement target = document;
            Assert.All(reference.Split('/')[1..], part => target = target.GetProperty(part));
        }
    }

    [Fact]
    public async Task A_service_says_whether_it_lives_and_is_ready()
    {
        await using TestService service = await TestService.StartAsync(new BrightnessPredictor());
        Assert.Equal("""{"status":"live"}""", await service.Client.GetStringAsync("/health/live"));
        Assert.Equal("""{"status":"ready"}""", await service.Client.GetStringAsync("/health/ready"));
        service.App.Services.GetRequiredService<HostedPredictor>().Dispose();
        using HttpResponseMessage after = await service.Client.GetAsync("/health/ready");
        Assert.Equal(System.Net.HttpStatusCode.ServiceUnavailable, after.StatusCode);
        Assert.True(after.Headers.Contains("Retry-After"));
        Assert.Equal(503, (await service.AskAsync(TestService.Png(TestService.Picture()))).Status);
        Assert.Equal("""{"status":"live"}""", await service.Client.GetStringAsync("/health/live"));
    }

    private static async Task<JsonElement> Document(TestService service, string folder) =>
        JsonDocument.Parse(await service.Client.GetStringAsync($"{folder}/openapi.json")).RootElement;

    private static void Same(JsonElement schemas, string schema, JsonElement answer) => Assert.Equal(
        Names(schemas, schema).Order(StringComparer.Ordinal),
        answer.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal));

    private static HashSet<string> Names(JsonElement schemas, string schema) =>
        [.. schemas.GetProperty(schema).GetProperty("properties").EnumerateObject().Select(member => member.Name)];

    private static IEnumerable<string> References(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject()
            .SelectMany(member => member.Name == "$ref" ? [member.Value.GetString()!] : References(member.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(References),
        _ => [],
    };
}
