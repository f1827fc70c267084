using System.CommandLine;
using System.Globalization;
using MadgNet.Cli.CommandLine;
using MadgNet.Core.Data;
using MadgNet.Core.Data.Transforms;
using MadgNet.Core.Training.Recipes;

namespace MadgNet.Cli.Commands;

/// <summary>The options that say at which size, and how altered, a network sees its training images.</summary>
internal sealed class AugmentationSettings
{
    private readonly Option<int> _size = new("--size")
    {
        Description = "Side of the square that images are brought to, a multiple of 32.",
        HelpName = "PIXELS",
        DefaultValueFactory = _ => CommonOptions.PublishedSize
    };
    private readonly Option<string> _augmentation = new("--augmentation")
    {
        Description =
            "published (resize, flips, ±5°), strong (also scale, shear, colour, noise), crop (pieces at native scale, flips, ±5°) or "
                + "none (resize).",
        HelpName = "NAME",
        DefaultValueFactory = _ => "published"
    };

    public AugmentationSettings()
    {
        _size.Validators.Add(result =>
        {
            if (result.Tokens is [var token]
                && int.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out int side)
                && (side < 32 || side % 32 != 0))
            {
                result.AddError($"--size: received {side}; expected a multiple of 32. Use {CommonOptions.PublishedSize} as published.");
            }
        });
        _augmentation.AcceptOnlyFromAmong("published", "strong", "crop", "none");
    }

    /// <summary>The size.</summary>
    public Option Size => _size;

    /// <summary>The augmentation.</summary>
    public Option Augmentation => _augmentation;

    /// <summary>A recipe with the size and the augmentation that the options name.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="arguments">The command line.</param>
    /// <param name="all">Whether options that are not given count too.</param>
    /// <returns>The recipe with them.</returns>
    public Recipe Apply(Recipe recipe, ParseResult arguments, bool all)
    {
        string name = arguments.GetRequiredValue(_augmentation);

        // What weights were trained at stays, unless another size is asked for.
        int? side = CommonOptions.IsGiven(arguments, _size) || recipe.Weights is null || recipe.Model.Input.Size is null
            ? arguments.GetValue(_size)
            : null;
        if (name == "crop")
        {
            // Pieces at native scale are no size that whole images are brought to.
            int piece = side ?? arguments.GetValue(_size);
            return recipe.WithSize(null).WithAugmentation(
                new RandomCrop(piece, piece), new HorizontalFlip(), new VerticalFlip(), new RandomRotation(5));
        }

        recipe = side is { } pixels ? recipe.WithSize(pixels) : recipe;
        return all || CommonOptions.IsGiven(arguments, _augmentation)
            ? recipe.WithAugmentation(Transforms(name))
            : recipe;
    }

    private static SegmentationTransform[] Transforms(string name) => name switch
    {
        "none" => [],
        "strong" =>
        [
            new HorizontalFlip(),
            new VerticalFlip(),
            new RandomAffine { Degrees = 20, Scale = 1.25, ShearDegrees = 5, Shift = 0.1 },
            new ColorJitter { Brightness = 0.2, Contrast = 0.2, Saturation = 0.2, Hue = 0.02 },
            new RandomGamma(1.5) { Probability = 0.5 },
            new GaussianNoise(0.03) { Probability = 0.5 },
        ],
        _ => [.. PublishedRecipe.Training().Transforms.Skip(1)],
    };
}
