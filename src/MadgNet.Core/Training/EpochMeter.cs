using System.Text.Json.Serialization;
using MadgNet.Core.Losses;

namespace MadgNet.Core.Training;

/// <summary>Adds up the losses, norms and times of one epoch's steps. Part of the state that a run resumes from.</summary>
internal sealed class EpochMeter
{
    public int Steps { get; set; }

    public long Images { get; set; }

    public double Loss { get; set; }

    /// <summary>Three sums a stage: region, distance, boundary.</summary>
    public double[] Stages { get; set; } = [];

    public double Norm { get; set; }

    public int Norms { get; set; }

    public TimeSpan DataTime { get; set; }

    public TimeSpan ComputeTime { get; set; }

    /// <summary>The time of the epoch so far, with validation and saving.</summary>
    public TimeSpan Duration { get; set; }

    [JsonIgnore]
    public double MeanLoss => Steps == 0 ? double.NaN : Loss / Steps;

    [JsonIgnore]
    public double MeanNorm => Norms == 0 ? double.NaN : Norm / Norms;

    [JsonIgnore]
    public double ImagesPerSecond => (DataTime + ComputeTime).TotalSeconds is > 0 and var seconds ? Images / seconds : 0;

    [JsonIgnore]
    public IReadOnlyList<TaskLossValues> MeanStages =>
        [.. Stages.Chunk(3).Select(stage => new TaskLossValues(stage[0] / Steps, stage[1] / Steps, stage[2] / Steps))];

    public void Add(StepReport step)
    {
        DataTime += step.DataTime;
        ComputeTime += step.ComputeTime;
        Images += step.Images;
        if (step.Skipped)
        {
            return;
        }

        if (Stages.Length != 3 * step.StageLosses.Count)
        {
            Stages = new double[3 * step.StageLosses.Count];
        }

        for (int i = 0; i < step.StageLosses.Count; i++)
        {
            Stages[3 * i] += step.StageLosses[i].Region;
            Stages[(3 * i) + 1] += step.StageLosses[i].Distance;
            Stages[(3 * i) + 2] += step.StageLosses[i].Boundary;
        }

        Loss += step.Loss;
        Steps++;
        if (double.IsFinite(step.GradientNorm))
        {
            Norm += step.GradientNorm;
            Norms++;
        }
    }
}
