using System.CommandLine;
using MadgNet.Core.Models;
using MadgNet.Core.Modules.Encoders;
using MadgNet.Core.Training;
using MadgNet.Core.Training.Optimization;
using MadgNet.Core.Training.Recipes;
using MadgNet.Core.Weights;
using MadgNet.Onnx.Weights;
using MadgNet.Pretrained.ResNet18;

namespace MadgNet.Cli.CommandLine;

/// <summary>What <c>--pretrained</c> asks for: an encoder, the way in which it takes images, and its weights.</summary>
/// <param name="Encoder">The encoder.</param>
/// <param name="IsOnnx">Whether the weights lie in an ONNX file.</param>
internal sealed record PretrainedChoice(PretrainedEncoder Encoder, bool IsOnnx)
{
    private const string Shipped = "resnet18";
    private const string OnnxExtension = ".onnx";

    public static Option<string?> Option() => new("--pretrained")
    {
        Description =
            "Start from an encoder that has learned on ImageNet: resnet18, whose weights the tool brings, or a file of torchvision or timm "
                + "(.pth, .safetensors, .onnx) of resnet18, resnet34, resnet50, res2net50 or resnest50. Encoder and normalisation follow "
                + "from it; the encoder learns at a tenth of the rate.",
        HelpName = "WHAT",
    };

    /// <summary>Finds what the option names; null where it is not given.</summary>
    /// <param name="text">What <c>--pretrained</c> says.</param>
    /// <param name="backbone">What <c>--backbone</c> says, which must not contradict.</param>
    /// <exception cref="UsageException">There is no such thing, or <c>--backbone</c> names another encoder.</exception>
    /// <exception cref="MadgNetException">The file cannot be used.</exception>
    public static PretrainedChoice? Find(string? text, string? backbone)
    {
        if (text is null)
        {
            return null;
        }

        if (text != Shipped && !File.Exists(text))
        {
            throw new UsageException(new Problem(
                "--pretrained", $"'{text}', where there is no file", $"{Shipped}, or an existing file", $"Use {Shipped}, or correct the path"));
        }

        bool onnx = Path.GetExtension(text).Equals(OnnxExtension, StringComparison.OrdinalIgnoreCase);
        PretrainedEncoder found = text == Shipped
            ? ResNet18Weights.ImageNet
            : onnx ? OfOnnx(text) : PretrainedEncoder.FromFile(text);
        return backbone is null || backbone == found.Encoder
            ? new PretrainedChoice(found, onnx && text != Shipped)
            : throw new UsageException(new Problem(
                "--backbone", $"{backbone} with weights of {found.Encoder}", found.Encoder, "Leave --backbone out: the weights name it"));
    }

    /// <summary>A recipe with it. An encoder that has learned learns on at a tenth of the rate, with the statistics that it has.</summary>
    public Recipe ApplyTo(Recipe recipe)
    {
        recipe = IsOnnx
            ? recipe with { Model = Encoder.ApplyTo(recipe.Model), Weights = null }
            : recipe.WithPretrained(Encoder);
        return recipe.WithTrainer(trainer => trainer with
        {
            Optimizer = new AdamOptions { EncoderRateMultiplier = 0.1 },
            FrozenNormalization = FrozenNormalization.Encoder,
        });
    }

    /// <summary>Fills the encoder of a network that has this one.</summary>
    public WeightLoadReport LoadInto(SegmentationModel model)
    {
        var options = new WeightLoadOptions { Mode = WeightLoadMode.Encoder };
        if (!IsOnnx)
        {
            return model.LoadWeights(Encoder.Weights, options);
        }

        IEncoder encoder = model switch
        {
            MadgNetModel madgNet => madgNet.Encoder,
            UNet uNet => uNet.Encoder,
            _ => throw new InvalidOperationException($"A {model.GetType().Name} was built where a MADGNet or a U-Net was asked for."),
        };
        using WeightArchive archive = OnnxWeights.OpenFor(Encoder.Weights, encoder);
        return model.LoadWeightsFrom(archive, options);
    }

    private static PretrainedEncoder OfOnnx(string path) => OnnxWeights.Recognize(path) is { } name
        ? PretrainedEncoder.ImageNet(name, path)
        : throw new UsageException(new Problem(
            "--pretrained",
            $"{path}, whose convolutions are those of no encoder that is known",
            $"the weights of {string.Join(", ", RecognizedEncoder.Encoders)}",
            "Choose another file"));
}
