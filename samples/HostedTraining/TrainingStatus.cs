using MadgNet.Core.Training;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MadgNet.Samples.HostedTraining;

/// <summary>
/// Where the training stands, for whoever in the host asks: a health check, a web page. An observer like any other, so that
/// the container hands it to the trainer.
/// </summary>
internal sealed class TrainingStatus(
    IOptions<TrainingSettings> settings, IHostApplicationLifetime host, ILogger<TrainingStatus> logger) : ITrainingObserver
{
    private readonly Lock _lock = new();
    private StepReport? _latest;
    private ValidationScore? _score;

    /// <summary>The latest step and the latest validation score; null before the first.</summary>
    public (StepReport? Step, ValidationScore? Score) Current
    {
        get
        {
            lock (_lock)
            {
                return (_latest, _score);
            }
        }
    }

    public void StepCompleted(StepReport step)
    {
        lock (_lock)
        {
            _latest = step;
        }

        if (step.Step == settings.Value.StopAfterSteps)
        {
            logger.LogInformation("The demonstration asks the host to stop after step {Step}", step.Step);
            host.StopApplication();
        }
    }

    public void ValidationCompleted(ValidationReport validation)
    {
        lock (_lock)
        {
            _score = validation.Score;
        }
    }
}
