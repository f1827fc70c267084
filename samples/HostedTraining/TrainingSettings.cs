namespace MadgNet.Samples.HostedTraining;

/// <summary>The section "Training" of appsettings.json, environment and command line.</summary>
internal sealed class TrainingSettings
{
    /// <summary>Folder with images/ and masks/ to train on; the nuclei that come with the sample when empty.</summary>
    public string? Data { get; set; }

    /// <summary>Folder with images/ and masks/ to validate on; the nuclei that come with the sample when both are empty.</summary>
    public string? Validation { get; set; }

    /// <summary>Folder of the run: what is there is gone on with.</summary>
    public string Output { get; set; } = "runs/hosted-training";

    /// <summary>How often the training set is gone through.</summary>
    public int Epochs { get; set; } = 3;

    /// <summary>Images in a step.</summary>
    public int BatchSize { get; set; } = 8;

    /// <summary>Side of the images in pixels, a multiple of 32.</summary>
    public int Size { get; set; } = 64;

    /// <summary>Learning rate of the first epoch.</summary>
    public double LearningRate { get; set; } = 1e-3;

    /// <summary>Seed of weights, order and augmentation.</summary>
    public long Seed { get; set; }

    /// <summary>Stops the host after so many steps of a fresh run, as Ctrl-C would; for the demonstration.</summary>
    public long? StopAfterSteps { get; set; }
}
