using MadgNet.Core.Data;
using MadgNet.Core.Foundation;
using MadgNet.Core.Inputs;
using MadgNet.Core.Models;
using MadgNet.Core.Training;
using MadgNet.Core.Training.Checkpoints;
using MadgNet.Core.Training.Optimization;
using MadgNet.Core.Training.Recipes;
using MadgNet.Core.Training.Reporting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MadgNet.Samples.HostedTraining;

/// <summary>Trains in the background of a host, until the run has ended or the host stops; the next start goes on.</summary>
internal sealed class TrainingService(
    IOptions<TrainingSettings> settings,
    IEnumerable<ITrainingObserver> observers,
    TrainingStatus status,
    IHostApplicationLifetime host,
    ILogger<TrainingService> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            // Training occupies a thread for hours: it gets one of its own, not one of the pool.
            TrainingResult result = await Task.Factory.StartNew(
                () => Train(stoppingToken), stoppingToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            logger.LogInformation(
                "The run has ended: best epoch {Epoch}, Dice {Dice:F3}, weights in {Path}",
                result.BestEpoch,
                result.Best.Validation?.Dice,
                result.BestCheckpoint);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            logger.LogInformation(
                "Stopped after step {Step} with everything saved; the next start goes on from there", status.Current.Step?.Step);
        }
        catch (MadgNetException exception)
        {
            logger.LogCritical(exception, "Training failed");
            Environment.ExitCode = 1;
        }
        finally
        {
            // This host has nothing else to do. One that serves requests goes on.
            host.StopApplication();
        }
    }

    private TrainingResult Train(CancellationToken stoppingToken)
    {
        TrainingSettings wanted = settings.Value;
        string shipped = Path.Combine(AppContext.BaseDirectory, "data");
        Recipe recipe = Recipe.Published(Modality.Microscopy).WithIntensities(IntensityScaling.MinMax).WithSize(wanted.Size);
        recipe = recipe with
        {
            BatchSize = wanted.BatchSize,
            Seed = wanted.Seed,

            // A narrow decoder and small images: the published network trains for hours on a processor.
            Model = new MadgNetOptions
            {
                SkipChannels = 16,
                DecoderChannels = [32, 32, 32, 32],
                BatchNormMomentum = 0.3,
                Input = recipe.Model.Input
            },
            Trainer = recipe.Trainer with
            {
                Epochs = wanted.Epochs,
                Schedule = new CosineAnnealingSchedule(wanted.LearningRate, wanted.LearningRate / 100),
                Resume = ResumeMode.IfPresent,
                Observers = [.. observers],
            },
        };
        recipe = recipe.WithOutput(
            wanted.Output, new RunFolderOptions { Name = "Nuclei, small", Command = Environment.CommandLine }, logger);
        FolderDataset training = recipe.Open(wanted.Data ?? Path.Combine(shipped, "train"));
        FolderDataset? validation = wanted.Validation is null && wanted.Data is not null
            ? null
            : recipe.Open(wanted.Validation ?? Path.Combine(shipped, "validation"));
        return recipe.Train(training, validation, logger: logger, cancellationToken: stoppingToken);
    }
}
