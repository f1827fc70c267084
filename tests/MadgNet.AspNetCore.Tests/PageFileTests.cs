using System.Net;
using MadgNet.AspNetCore.Tests.Support;

namespace MadgNet.AspNetCore.Tests;

/// <summary>The page's files, and what a browser is told about them.</summary>
public sealed class PageFileTests
{
    [Fact]
    public async Task The_page_and_its_parts_are_served_under_a_strict_policy()
    {
        await using TestService service = await TestService.StartAsync(new BrightnessPredictor());
        (string Path, string Type)[] parts =
        [
            ("/", "text/html"), ("/page.css", "text/css"), ("/page.js", "text/javascript"), ("/picture.js", "text/javascript"),
            ("/regions.js", "text/javascript"), ("/service.js", "text/javascript"),
        ];
        foreach ((string path, string type) in parts)
        {
            using HttpResponseMessage answer = await service.Client.GetAsync(path);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal(type, answer.Content.Headers.ContentType!.MediaType);
            string policy = answer.Headers.GetValues("Content-Security-Policy").Single();
            Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
            Assert.NotEmpty(await answer.Content.ReadAsByteArrayAsync());
        }
    }

    [Fact]
    public async Task A_page_that_has_not_changed_is_not_sent_again()
    {
        await using TestService service = await TestService.StartAsync(new BrightnessPredictor());
        using HttpResponseMessage first = await service.Client.GetAsync("/page.js");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/page.js");
        request.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using HttpResponseMessage second = await service.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
    }

    [Fact]
    public async Task A_service_may_be_without_a_page_and_below_a_folder()
    {
        await using TestService bare = await TestService.StartAsync(new BrightnessPredictor(), service => service.ServePage = false);
        Assert.Equal(HttpStatusCode.NotFound, (await bare.Client.GetAsync("/")).StatusCode);

        await using TestService below = await TestService.StartAsync(new BrightnessPredictor(), pattern: "/nuclei/segment");
        Assert.Equal(HttpStatusCode.OK, (await below.Client.GetAsync("/nuclei/")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await below.Client.GetAsync("/nuclei/model")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await below.Client.GetAsync("/model")).StatusCode);
    }
}
