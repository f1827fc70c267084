using MadgNet.Core.Models;
using MadgNet.Core.Modules.Encoders;
using MadgNet.Core.Training;
using MadgNet.Core.Training.Optimization;
using MadgNet.Core.Training.Recipes;

namespace MadgNet.Core.Benchmarks.Pretrained;

/// <summary>What a training of the bench starts from, all else alike.</summary>
/// <param name="Name">Its name in tables and files.</param>
/// <param name="Change">Makes it of the recipe with pretrained weights.</param>
/// <param name="EqualTime">Whether it takes as many steps as the recipe's time allows, and not as many as the recipe's.</param>
internal sealed record PretrainedStart(string Name, Func<Recipe, Recipe> Change, bool EqualTime = false)
{
    private const double FullRate = 1;

    /// <summary>The recipe as it is.</summary>
    public static PretrainedStart Pretrained { get; } = new("pretrained", recipe => recipe);

    /// <summary>Fresh weights, all at the full rate; normalisations follow the batches, for they have no statistics to keep.</summary>
    public static PretrainedStart Random { get; } = new("random", recipe => Fresh(WithEncoderRate(recipe, FullRate)));

    /// <summary>Pretrained weights, the encoder at the rate of the rest.</summary>
    public static PretrainedStart PretrainedFullRate { get; } = new("pretrained-full-rate", recipe => WithEncoderRate(recipe, FullRate));

    /// <summary>Fresh weights, the encoder at a tenth of the rate.</summary>
    public static PretrainedStart RandomTenth { get; } = new("random-tenth", Fresh);

    /// <summary>The published encoder from fresh weights, for as long as the recipe takes.</summary>
    public static PretrainedStart ResNeSt { get; } = new(
        "resnest50-equal-time",
        recipe => Fresh(WithEncoderRate(recipe, FullRate)) with
        {
            Model = ((UNetOptions)recipe.Model) with { Encoder = EncoderNames.ResNeSt50, Input = Plain(recipe).Input },
        },
        EqualTime: true);

    private static Recipe Fresh(Recipe recipe) => recipe with
    {
        Model = Plain(recipe),
        Weights = null,
        Trainer = recipe.Trainer with { FrozenNormalization = FrozenNormalization.None, FrozenEncoderEpochs = 0 },
    };

    /// <summary>Fresh weights see 0..1, as in every other training of this library that starts from them.</summary>
    private static NetworkOptions Plain(Recipe recipe) => new PretrainedEncoder
    {
        Encoder = ((UNetOptions)recipe.Model).Encoder,
        Weights = recipe.Weights ?? string.Empty,
    }.ApplyTo(recipe.Model);

    private static Recipe WithEncoderRate(Recipe recipe, double factor) => recipe with
    {
        Trainer = recipe.Trainer with { Optimizer = ((AdamWOptions)recipe.Trainer.Optimizer) with { EncoderRateMultiplier = factor } },
    };
}
