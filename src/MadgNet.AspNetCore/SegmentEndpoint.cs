using System.Diagnostics;
using MadgNet.Core.Imaging;
using MadgNet.Onnx;
using MadgNet.Onnx.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace MadgNet.AspNetCore;

/// <summary>Segments an image that a caller sends.</summary>
internal sealed partial class SegmentEndpoint(
    HostedPredictor hosted, MadgNetServiceOptions options, ServiceMetrics metrics, ILogger logger, CancellationToken stopping)
{
    /// <summary>What is counted where the caller had gone before there was an answer.</summary>
    public const int CallerGone = 499;

    private readonly OutputChoice _outputs = new(options.ResultFormats);
    private readonly ImageFormats _formats = new(options);

    public async Task HandleAsync(HttpContext context)
    {
        long begun = Stopwatch.GetTimestamp();
        using Activity? activity = metrics.Begin("segment");
        string? output = null;
        int status = StatusCodes.Status500InternalServerError;
        try
        {
            output = _outputs.Of(context.Request);
            activity?.SetTag("madgnet.output", output);
            Answer answer = await AnswerAsync(context, output).ConfigureAwait(false);
            status = StatusCodes.Status200OK;
            await answer.WriteAsync(context).ConfigureAwait(false);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // Whatever it was that failed, nobody is there to be told.
            status = CallerGone;
        }
        catch (Exception exception)
        {
            status = await RefuseAsync(context, exception).ConfigureAwait(false);
            activity?.SetStatus(status >= 500 ? ActivityStatusCode.Error : ActivityStatusCode.Unset);
        }
        finally
        {
            activity?.SetTag("http.response.status_code", status);
            metrics.Answered(status, output, Stopwatch.GetElapsedTime(begun));
        }
    }

    private async Task<Answer> AnswerAsync(HttpContext context, string output)
    {
        if (!hosted.IsReady || stopping.IsCancellationRequested)
        {
            throw new ServiceRefusal(
                StatusCodes.Status503ServiceUnavailable, "service: the network is not loaded, or the service stops. Ask again later.");
        }

        // A place first, then the file: what waits has a bound in memory, too.
        using PredictorPlace place = hosted.Enter();
        SegmentQuery query = SegmentQuery.Of(context.Request, hosted.Predictor);
        Upload upload = await Upload.ReadAsync(context.Request, options.MaximumBytes, context.RequestAborted).ConfigureAwait(false);
        _formats.Check(upload);
        return await place
            .RunAsync((predictor, stop) => Segment(predictor, upload, query, output, stop), context.RequestAborted)
            .ConfigureAwait(false);
    }

    private Answer Segment(IImagePredictor predictor, Upload upload, SegmentQuery query, string output, CancellationToken stop)
    {
        long begun = Stopwatch.GetTimestamp();
        using Activity? activity = metrics.Begin("predict");
        ServedImage image = _formats.Read(upload, predictor.Reader);
        if ((long)image.Pixels.Width * image.Pixels.Height > options.MaximumPixels)
        {
            throw new ServiceRefusal(
                StatusCodes.Status413PayloadTooLarge,
                $"image: received {image.Pixels.Width}×{image.Pixels.Height} pixels; expected at most {options.MaximumPixels} pixels. "
                    + "Send a smaller image.");
        }

        stop.ThrowIfCancellationRequested();
        var segmented = Segmented.Of(image, predictor, query, stop);
        stop.ThrowIfCancellationRequested();
        Answer answer = output switch
        {
            OutputChoice.Json => new Answer(SegmentationJson.Write(segmented), "application/json"),
            OutputChoice.Mask => Png(Pictures.Mask(segmented), output),
            OutputChoice.Probability => Png(Pictures.Probability(segmented), output),
            OutputChoice.Overlay => Png(Pictures.Overlay(segmented), output),
            OutputChoice.Image => Png(Pictures.Image(segmented), output),
            OutputChoice.GeoJson => new Answer(Pictures.GeoJson(segmented), "application/geo+json", "regions.geojson"),
            _ => Added(_outputs.Find(output)!, segmented),
        };
        metrics.Predicted(Stopwatch.GetElapsedTime(begun));
        return answer;
    }

    private static Answer Png(byte[] content, string name) => new(content, "image/png", $"{name}.png");

    private static Answer Added(IResultFormat format, Segmented segmented) => new(
        format.Write(segmented.Image, segmented.Prediction, segmented.Labels, segmented.Names),
        format.MediaType,
        $"{format.Name}{format.Extension}");

    private async Task<int> RefuseAsync(HttpContext context, Exception exception)
    {
        (int status, string detail) = exception switch
        {
            ServiceRefusal refusal => (refusal.Status, refusal.Message),
            PredictorBusyException => (StatusCodes.Status429TooManyRequests, "service: as many images wait as may. Ask again later."),
            ImageReadException { IsTooLarge: true } large => (StatusCodes.Status413PayloadTooLarge, CallerMessages.Of(large)),
            BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } =>
                (StatusCodes.Status413PayloadTooLarge, Upload.TooLarge("more", options.MaximumBytes).Message),
            BadHttpRequestException bad => (bad.StatusCode, $"body: {bad.Message}"),
            OnnxModelException or InvalidMapException or InvalidOptionsException => Failed,
            MadgNetException library => (StatusCodes.Status422UnprocessableEntity, CallerMessages.Of(library)),
            OperationCanceledException or ObjectDisposedException =>
                (StatusCodes.Status503ServiceUnavailable, "service: it stops. Ask again later."),
            OutOfMemoryException =>
                (StatusCodes.Status503ServiceUnavailable, "service: there is no memory for this image now. Ask again later."),
            _ => Failed,
        };
        if (status == StatusCodes.Status500InternalServerError)
        {
            LogFailed(logger, exception, hosted.Name);
        }

        bool later = status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable;
        try
        {
            await ProblemAnswer.WriteAsync(context, status, detail, later ? options.RetryAfter : null).ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException && context.RequestAborted.IsCancellationRequested)
        {
            return CallerGone;
        }

        return status;
    }

    private static (int Status, string Detail) Failed => (
        StatusCodes.Status500InternalServerError, "service: it failed on this image. Its log holds the cause, under the trace's number.");

    [LoggerMessage(1, LogLevel.Error, "The network '{Name}' failed on an image.")]
    private static partial void LogFailed(ILogger logger, Exception exception, string name);
}
