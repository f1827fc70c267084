using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using MadgNet.AspNetCore.Tests.Support;

namespace MadgNet.AspNetCore.Tests;

/// <summary>What a service counts and traces. Not in parallel with others, whose requests would be counted, too.</summary>
[Collection(nameof(MeasuringTests))]
[CollectionDefinition(nameof(MeasuringTests), DisableParallelization = true)]
public sealed class MeasuringTests
{
    [Fact]
    public async Task Requests_are_counted_by_model_status_and_form()
    {
        var counted = new ConcurrentQueue<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == "MadgNet.AspNetCore")
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Keep(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Keep(instrument, value > 0, tags));
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Keep(instrument, value, tags));
        listener.Start();
        await using (TestService service = await TestService.StartAsync(new BrightnessPredictor()))
        {
            (await service.PostAsync(TestService.Png(TestService.Picture()), "?output=mask")).Dispose();
            (await service.PostAsync([1, 2, 3], "?output=json")).Dispose();
            listener.RecordObservableInstruments();
        }

        Assert.Contains("madgnet.requests=1 madgnet.model:test http.response.status_code:200 madgnet.output:mask", counted);
        Assert.Contains("madgnet.requests=1 madgnet.model:test http.response.status_code:422 madgnet.output:json", counted);
        Assert.Contains("madgnet.request.duration=True madgnet.model:test http.response.status_code:200 madgnet.output:mask", counted);
        Assert.Contains("madgnet.prediction.duration=True madgnet.model:test", counted);
        Assert.Contains("madgnet.predictions.active=0 madgnet.model:test", counted);
        Assert.Contains("madgnet.queue.length=0 madgnet.model:test", counted);

        void Keep(Instrument instrument, object value, ReadOnlySpan<KeyValuePair<string, object?>> tags) => counted.Enqueue(
            $"{instrument.Name}={value} {string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}:{tag.Value}"))}");
    }

    [Fact]
    public async Task A_request_is_an_activity_with_the_prediction_in_it()
    {
        var ended = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "MadgNet.AspNetCore",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = ended.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        await using (TestService service = await TestService.StartAsync(new BrightnessPredictor()))
        {
            (await service.PostAsync(TestService.Png(TestService.Picture()))).Dispose();
        }

        Activity segment = Assert.Single(ended, activity => activity.OperationName == "segment");
        Activity predict = Assert.Single(ended, activity => activity.OperationName == "predict");
        Assert.Equal(segment.SpanId, predict.ParentSpanId);
        Assert.Equal(200, segment.GetTagItem("http.response.status_code"));
        Assert.Equal("json", segment.GetTagItem("madgnet.output"));
    }
}
