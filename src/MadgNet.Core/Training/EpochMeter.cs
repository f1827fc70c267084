using System.Diagnostics;
using MadgNet.Core.Losses;

namespace MadgNet.Core.Training;

/// <summary>Adds up the losses and the time of one epoch's steps.</summary>
internal sealed class EpochMeter
{
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private double _loss;
    private (double Region, double Distance, double Boundary)[] _stages = [];
    private long _images;

    public int Steps { get; private set; }

    public double MeanLoss => Steps == 0 ? double.NaN : _loss / Steps;

    public double ImagesPerSecond => _watch.Elapsed.TotalSeconds > 0 ? _images / _watch.Elapsed.TotalSeconds : 0;

    public IReadOnlyList<TaskLossValues> MeanStages =>
        [.. _stages.Select(stage => new TaskLossValues(stage.Region / Steps, stage.Distance / Steps, stage.Boundary / Steps))];

    public void Add(double loss, IReadOnlyList<TaskLossValues> stages, int images)
    {
        if (_stages.Length != stages.Count)
        {
            _stages = new (double, double, double)[stages.Count];
        }

        for (int i = 0; i < stages.Count; i++)
        {
            _stages[i].Region += stages[i].Region;
            _stages[i].Distance += stages[i].Distance;
            _stages[i].Boundary += stages[i].Boundary;
        }

        _loss += loss;
        _images += images;
        Steps++;
    }

    /// <summary>Stops the clock, so that validation does not count as training.</summary>
    public void Stop() => _watch.Stop();
}
