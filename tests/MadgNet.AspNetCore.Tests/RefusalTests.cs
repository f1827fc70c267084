using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using MadgNet.AspNetCore.Tests.Support;
using MadgNet.Core.Imaging;
using MadgNet.Onnx;

namespace MadgNet.AspNetCore.Tests;

/// <summary>What a caller gets who asks for too much, too early, or with something else than an image.</summary>
public sealed class RefusalTests
{
    private static readonly byte[] Picture = TestService.Png(TestService.Picture());

    [Theory]
    [InlineData("?threshold=2", "threshold: received '2'; expected a number from 0 to 1")]
    [InlineData("?threshold=NaN", "threshold: received 'NaN'")]
    [InlineData("?label=blue", "label: received 'blue'; expected bright, dark")]
    [InlineData("?map=boundary", "map: received 'boundary'; expected region, distance")]
    [InlineData("?output=svg", "output: received 'svg'; expected json, mask")]
    public async Task A_bad_query_is_400(string query, string detail)
    {
        await using TestService service = await TestService.StartAsync(new BrightnessPredictor());
        (int status, JsonElement problem) = await service.AskAsync(Picture, query);
        Assert.Equal(400, status);
        Assert.Contains(detail, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(400, problem.GetProperty("status").GetInt32());
    }

    [Theory]
    [InlineData("text/html")]
    [InlineData("image/gif")]
    [InlineData("image/png;content=everything")]
    public async Task A_form_of_answer_that_there_is_not_is_406(string accept)
    {
        await using TestService service = await TestService.StartAsync(new BrightnessPredictor());
        using HttpResponseMessage answer = await service.PostAsync(Picture, accept: accept);
        Assert.Equal(HttpStatusCode.NotAcceptable, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Too_many_bytes_are_413_with_and_without_a_length(bool chunked)
    {
        await using TestService service = await TestService.StartAsync(new BrightnessPredictor(), options => options.MaximumBytes = 50);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/segment") { Content = new ByteArrayContent(Picture) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse("image/png");
        request.Headers.TransferEncodingChunked = chunked;
        using HttpResponseMessage answer = await service.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Contains("at most 50 bytes", await Detail(answer), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Too_many_bytes_in_a_form_are_413()
    {
        await using TestService service = await TestService.StartAsync(new BrightnessPredictor(), options => options.MaximumBytes = 50);
        using var form = new MultipartFormDataContent { { new ByteArrayContent(Picture), "image", "a.png" } };
        using HttpResponseMessage answer = await service.Client.PostAsync("/segment", form);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    [Fact]
    public async Task Too_many_pixels_are_413_and_tell_callers_what_they_can_do()
    {
        await using TestService service = await TestService.StartAsync(new BrightnessPredictor(), options => options.MaximumPixels = 383);
        (int status, JsonElement problem) = await service.AskAsync(Picture);
        Assert.Equal(413, status);
        Assert.Equal(
            "image: received 24×16 pixels; expected at most 383 pixels. Send a smaller image.", problem.GetProperty("detail").GetString());
    }

    [Theory]
    [InlineData("image/gif", 0)]
    [InlineData("text/plain", 0)]
    [InlineData("application/dicom", 0)]
    [InlineData("application/octet-stream", 1)]
    [InlineData("no type", 0)]
    public async Task A_format_that_is_not_read_is_415(string type, int skip)
    {
        await using TestService service = await TestService.StartAsync(new BrightnessPredictor());
        using var content = new ByteArrayContent(Picture[skip..]);
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        using HttpResponseMessage answer = await service.Client.PostAsync("/segment", content);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
    }

    [Fact]
    public async Task A_damaged_image_is_422_with_the_librarys_own_words()
    {
        await using TestService service = await TestService.StartAsync(new BrightnessPredictor());
        byte[] damaged = Picture[..(Picture.Length / 2)];
        ImageReadException own = Assert.Throws<ImageReadException>(() => new ImageReader().Decode(damaged, "image"));
        (int status, JsonElement problem) = await service.AskAsync(damaged);
        Assert.Equal(422, status);
        string detail = problem.GetProperty("detail").GetString()!;
        Assert.Contains(own.Problem.Received, detail, StringComparison.Ordinal);
        Assert.Contains(own.Problem.Expected, detail, StringComparison.Ordinal);
        Assert.False(CallerMessages.NamesCode(detail), detail);
    }

    [Fact]
    public async Task A_form_without_an_image_is_400_and_so_is_nothing()
    {
        await using TestService service = await TestService.StartAsync(new BrightnessPredictor());
        using var form = new MultipartFormDataContent { { new StringContent("a"), "picture" } };
        using HttpResponseMessage without = await service.Client.PostAsync("/segment", form);
        Assert.Equal(HttpStatusCode.BadRequest, without.StatusCode);
        Assert.Contains("without the field 'image'", await Detail(without), StringComparison.Ordinal);
        Assert.Equal(400, (await service.AskAsync([])).Status);
    }

    [Fact]
    public async Task One_image_more_than_may_wait_is_429_and_is_told_when_to_come_back()
    {
        using var hold = new ManualResetEventSlim();
        using var predictor = new BrightnessPredictor { Hold = hold };
        await using TestService service = await TestService.StartAsync(
            predictor,
            options => options.RetryAfter = TimeSpan.FromSeconds(7),
            limits => (limits.MaximumConcurrency, limits.MaximumQueue) = (1, 1));
        Task<HttpResponseMessage> running = service.PostAsync(Picture);
        predictor.Begun.Wait(TestContext.Current.CancellationToken);
        Task<HttpResponseMessage> waiting = service.PostAsync(Picture);
        await Until(() => service.Hosted.Waiting == 1);
        using HttpResponseMessage refused = await service.PostAsync(Picture);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal("7", refused.Headers.GetValues("Retry-After").Single());
        hold.Set();
        Assert.Equal(HttpStatusCode.OK, (await running).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await waiting).StatusCode);
        Assert.Equal(1, predictor.Most);
        Assert.Equal(HttpStatusCode.OK, (await service.PostAsync(Picture)).StatusCode);
    }

    [Fact]
    public async Task A_caller_who_leaves_ends_the_prediction_and_frees_the_place()
    {
        using var hold = new ManualResetEventSlim();
        using var predictor = new BrightnessPredictor { Hold = hold };
        await using TestService service = await TestService.StartAsync(predictor, limits: limits => limits.MaximumQueue = 0);
        using var leave = new CancellationTokenSource();
        Task<HttpResponseMessage> left = service.PostAsync(Picture, cancellation: leave.Token);
        predictor.Begun.Wait(TestContext.Current.CancellationToken);
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        await Until(() => predictor.Cancelled == 1 && service.Hosted is { Running: 0, Waiting: 0 });
        hold.Set();
        Assert.Equal(HttpStatusCode.OK, (await service.PostAsync(Picture)).StatusCode);
    }

    [Fact]
    public async Task A_failure_of_the_network_is_500_without_a_word_of_its_inside()
    {
        var log = new KeptLog();
        var failure = new OnnxModelException(new Problem("model.onnx", "a secret path", "nothing", "Export the network again"));
        await using TestService service = await TestService.StartAsync(new BrightnessPredictor { Failure = failure }, log: log);
        (int status, JsonElement problem) = await service.AskAsync(Picture);
        Assert.Equal(500, status);
        Assert.DoesNotContain("secret", problem.GetRawText(), StringComparison.Ordinal);
        Assert.Contains(log.Entries, entry => entry.Contains("secret path", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Neither_the_name_nor_the_content_of_an_image_is_logged()
    {
        var log = new KeptLog();
        await using TestService service = await TestService.StartAsync(new BrightnessPredictor(), log: log);
        foreach (byte[] content in new[] { Picture, Picture[..60], [.. "PATIENT-SECRET"u8] })
        {
            using var form = new MultipartFormDataContent { { new ByteArrayContent(content), "image", "NAME-SECRET.png" } };
            using HttpResponseMessage answer = await service.Client.PostAsync("/segment", form);
            Assert.DoesNotContain("SECRET", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        Assert.NotEmpty(log.Entries);
        Assert.DoesNotContain(log.Entries, entry => entry.Contains("SECRET", StringComparison.Ordinal));
    }

    private static async Task<string> Detail(HttpResponseMessage answer) =>
        (await TestService.JsonOf(answer)).GetProperty("detail").GetString()!;

    private static async Task Until(Func<bool> holds)
    {
        // Its end is the test's own deadline.
        while (!holds())
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }
}
