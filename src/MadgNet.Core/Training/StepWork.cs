using MadgNet.Core.Losses;
using MadgNet.Core.Training.Checkpoints;

namespace MadgNet.Core.Training;

/// <summary>What one step gathers from its batches.</summary>
internal sealed class StepWork(RunState state, double rate, int planned)
{
    private TaskLossValues[] _stages = [];
    private double _loss;

    public int Epoch { get; } = state.Epoch;

    public long Step { get; } = state.Step;

    public int StepInEpoch { get; } = state.StepInEpoch;

    public double Rate { get; } = rate;

    public int Planned { get; } = planned;

    public int NextBatch { get; set; } = state.Batch;

    public int Batches { get; private set; }

    public int Images { get; private set; }

    public List<string> Names { get; } = [];

    public TimeSpan DataTime { get; set; }

    public TimeSpan ComputeTime { get; set; }

    /// <summary>Where the step is, in words.</summary>
    public string Place =>
        $"Epoch {Epoch + 1}, step {StepInEpoch + 1} (step {Step + 1} of the run), images {string.Join(", ", Names)}";

    public void Add(double loss, IReadOnlyList<TaskLossValues> stages, int images)
    {
        if (_stages.Length != stages.Count)
        {
            _stages = new TaskLossValues[stages.Count];
        }

        for (int i = 0; i < stages.Count; i++)
        {
            _stages[i] = new TaskLossValues(
                _stages[i].Region + (images * stages[i].Region),
                _stages[i].Distance + (images * stages[i].Distance),
                _stages[i].Boundary + (images * stages[i].Boundary));
        }

        _loss += images * loss;
        Images += images;
        Batches++;
    }

    public StepReport Report(double norm, double scale, bool skipped) => new()
    {
        Step = Step + 1,
        Epoch = Epoch + 1,
        StepInEpoch = StepInEpoch + 1,
        Loss = _loss / Images,
        StageLosses = [.. _stages.Select(stage => new TaskLossValues(
            stage.Region / Images, stage.Distance / Images, stage.Boundary / Images))],
        LearningRate = Rate,
        GradientNorm = norm,
        LossScale = scale,
        Skipped = skipped,
        Images = Images,
        DataTime = DataTime,
        ComputeTime = ComputeTime,
    };
}
