using System.CommandLine;
using System.CommandLine.Parsing;
using MadgNet.Core.Training.Precision;

namespace MadgNet.Samples.QuickStart;

/// <summary>What the command line asks for.</summary>
internal sealed record QuickStartOptions(
    string? Data,
    string? Weights,
    bool Pretrained,
    int Size,
    string Output,
    int Epochs,
    int BatchSize,
    int CropSize,
    double LearningRate,
    bool EpochsGiven,
    long Seed,
    string Device,
    TrainingPrecision Precision)
{
    /// <summary>Parses the command line and runs the action with it; prints help or what is wrong otherwise.</summary>
    public static int Run(string[] arguments, Func<QuickStartOptions, int> action)
    {
        var data = new Option<string?>("--data")
        {
            Description =
                "Folder with your own images and masks (for example images/ and masks/ with equal names); every fifth pair validates. "
                    + "A U-Net on a ResNet-18 that has learned on ImageNet is trained on them. Default: the nuclei that come with this "
                    + "sample, and the published network from fresh weights."
        };
        var pretrained = new Option<string?>("--pretrained")
        {
            Description = "With --data: resnet18 (the default) or none, which trains the published network from fresh weights."
        };
        var size = new Option<int>("--size")
        {
            Description = "Side of the square that images are brought to where training starts from pretrained weights, a multiple of 32.",
            DefaultValueFactory = _ => 192
        };
        var weights = new Option<string?>("--weights")
        {
            Description = "Checkpoint to start from: a file saved by this library, or one of the authors' (.pth, .pth.tar)."
        };
        var output = new Option<string>("--output")
        {
            Description = "Folder for checkpoints and pictures.",
            DefaultValueFactory = _ => Path.Combine("runs", "quickstart")
        };
        var epochs = new Option<int>("--epochs")
        {
            Description =
                "How often the training set is gone through; from pretrained weights, unless given, so often that it takes minutes.",
            DefaultValueFactory = _ => 12
        };
        var batch = new Option<int>("--batch") { Description = "Images in a training step, 2 or more.", DefaultValueFactory = _ => 4 };
        var crop = new Option<int>("--crop")
        {
            Description = "Height and width of the pieces that are trained on, a multiple of 32.",
            DefaultValueFactory = _ => 128
        };
        var rate = new Option<double>("--rate") { Description = "Learning rate of the first epoch.", DefaultValueFactory = _ => 1e-3 };
        var seed = new Option<long>("--seed") { Description = "Seed of weights, order and augmentation.", DefaultValueFactory = _ => 0 };
        var device = new Option<string>("--device")
        {
            Description = "auto, cpu or cuda; auto takes CUDA where the backend and the machine have it.",
            DefaultValueFactory = _ => "auto"
        };
        var precision = new Option<TrainingPrecision>("--precision")
        {
            Description = "What training computes with: Float32, BFloat16, Float16 or Auto.",
            DefaultValueFactory = _ => TrainingPrecision.Float32
        };
        AtLeast(epochs, 1);
        AtLeast(batch, 2);
        MultipleOf32(crop);
        MultipleOf32(size);
        pretrained.AcceptOnlyFromAmong("resnet18", "none");
        device.AcceptOnlyFromAmong("auto", "cpu", "cuda");
        var command = new RootCommand(
            "Trains MADGNet on fluorescence-microscopy nuclei, or a network from pretrained weights on your own images; reloads the best "
                + "checkpoint and pictures what it finds.")
        {
            data, weights, pretrained, size, output, epochs, batch, crop, rate, seed, device, precision,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(pretrained) == "resnet18" && (result.GetValue(data) is null || result.GetValue(weights) is not null))
            {
                result.AddError("--pretrained resnet18: expected --data beside it, and no --weights. Name your images, or leave it out.");
            }
        });
        command.SetAction(result => action(new QuickStartOptions(
            result.GetValue(data),
            result.GetValue(weights),
            result.GetValue(data) is not null && result.GetValue(weights) is null && result.GetValue(pretrained) != "none",
            result.GetValue(size),
            result.GetValue(output)!,
            result.GetValue(epochs),
            result.GetValue(batch),
            result.GetValue(crop),
            result.GetValue(rate),
            result.GetResult(epochs) is { Implicit: false },
            result.GetValue(seed),
            result.GetValue(device)!,
            result.GetValue(precision))));
        return command.Parse(arguments).Invoke();
    }

    private static void MultipleOf32(Option<int> option) => option.Validators.Add(result =>
    {
        if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out int value) && (value < 32 || value % 32 != 0))
        {
            result.AddError($"{option.Name}: received {value}; expected a multiple of 32. Use 128 or 256.");
        }
    });

    private static void AtLeast(Option<int> option, int least) => option.Validators.Add((OptionResult result) =>
    {
        if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out int value) && value < least)
        {
            result.AddError($"{option.Name}: received {value}; expected {least} or more.");
        }
    });
}
