using System.Diagnostics;
using System.Diagnostics.Metrics;
using MadgNet.Onnx.Hosting;

namespace MadgNet.AspNetCore;

/// <summary>What a service counts and traces. Nothing of an image: neither its name nor its size.</summary>
internal sealed class ServiceMetrics
{
    /// <summary>The name of meter and activities.</summary>
    public const string Name = "MadgNet.AspNetCore";

    private readonly Counter<long> _requests;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _prediction;
    private readonly string _model;

    public ServiceMetrics(IMeterFactory? factory, HostedPredictor predictor)
    {
        _model = predictor.Name;
        Meter meter = factory?.Create(Name) ?? new Meter(Name);
        _requests = meter.CreateCounter<long>("madgnet.requests", "{request}", "Images that were asked for, by status.");
        _duration = meter.CreateHistogram<double>("madgnet.request.duration", "s", "From the first byte to the answer.");
        _prediction = meter.CreateHistogram<double>("madgnet.prediction.duration", "s", "Decoding, network and writing the answer.");
        KeyValuePair<string, object?>[] tags = [new("madgnet.model", _model)];
        meter.CreateObservableUpDownCounter(
            "madgnet.predictions.active", () => new Measurement<int>(predictor.Running, tags), "{image}", "Images at work.");
        meter.CreateObservableUpDownCounter(
            "madgnet.queue.length", () => new Measurement<int>(predictor.Waiting, tags), "{image}", "Images that wait.");
    }

    /// <summary>Where activities begin: <c>segment</c>, and within it <c>predict</c>.</summary>
    public static ActivitySource Activities { get; } = new(Name);

    public Activity? Begin(string name) => Activities.StartActivity(name)?.SetTag("madgnet.model", _model);

    public void Predicted(TimeSpan time) =>
        _prediction.Record(time.TotalSeconds, new KeyValuePair<string, object?>("madgnet.model", _model));

    /// <summary>Counts an answer.</summary>
    /// <param name="status">Its status; 499 where the caller had gone.</param>
    /// <param name="output">Its form; null where it was not understood.</param>
    /// <param name="time">How long it took.</param>
    public void Answered(int status, string? output, TimeSpan time)
    {
        var tags = new TagList
        {
            { "madgnet.model", _model },
            { "http.response.status_code", status },
            { "madgnet.output", output ?? "none" },
        };
        _requests.Add(1, tags);
        _duration.Record(time.TotalSeconds, tags);
    }
}
