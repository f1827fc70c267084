using MadgNet.Core.Models;
using MadgNet.Core.Modules.Encoders;
using MadgNet.Core.Weights;

namespace MadgNet.Pretrained.ResNet18;

/// <summary>
/// Weights of a ResNet-18 that has learned on ImageNet: Microsoft's, from CNTK, under the MIT licence. They lie in a file that the package
/// puts beside the application; nothing is downloaded.
/// </summary>
/// <remarks>
/// The encoder is <see cref="EncoderNames.ResNet18Cntk"/>, which MadgNet.Core has: a network that was trained from these weights is loaded
/// without this package.
/// </remarks>
/// <example>
/// <code>
/// using MadgNetModel model = new MadgNetBuilder().WithPretrained(ResNet18Weights.ImageNet).Build();
/// </code>
/// </example>
public static class ResNet18Weights
{
    /// <summary>The file's place below the folder of the application.</summary>
    public const string RelativePath = "pretrained/resnet18_cntk.safetensors";

    /// <summary>The encoder, its weights, and how it takes images: BGR, 0 to 255, minus the means of ImageNet's channels.</summary>
    /// <exception cref="WeightFileException">The application was deployed without the file, or with a damaged one.</exception>
    public static PretrainedEncoder ImageNet => PretrainedEncoder.FromFile(FindFile());

    /// <summary>Where the file lies.</summary>
    /// <returns>Its path.</returns>
    /// <exception cref="WeightFileException">The application was deployed without the file.</exception>
    public static string FindFile()
    {
        string[] folders = [AppContext.BaseDirectory, .. AssemblyFolder()];
        foreach (string folder in folders)
        {
            string path = Path.GetFullPath(Path.Combine(folder, RelativePath));
            if (File.Exists(path))
            {
                return path;
            }
        }

        string expected = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, RelativePath));
        throw new WeightFileException(expected, new Problem(
            $"Weight file '{expected}'",
            "no file",
            "the weights that the package MadgNet.Pretrained.ResNet18 puts beside an application",
            $"Deploy the folder '{Path.GetDirectoryName(RelativePath)}' of the build's output with the application"));
    }

    /// <summary>Where the assembly itself lies: a plug-in's folder is not that of its application. Nowhere in a single file.</summary>
    private static IEnumerable<string> AssemblyFolder() =>
        Path.GetDirectoryName(typeof(ResNet18Weights).Assembly.Location) is { Length: > 0 } folder ? [folder] : [];
}
