using MadgNet.Core.Modules;
using MadgNet.Core.Modules.Encoders;
using MadgNet.Core.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Modules.Encoders;

public class ResidualEncoderTests
{
    public static TheoryData<string> Kinds => [EncoderNames.ResNeSt50, EncoderNames.ResNet50, EncoderNames.Res2Net50];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Names_shapes_and_types_are_those_of_the_published_state_dict(string kind)
    {
        using ResidualEncoder backbone = Create(kind);
        string file = kind switch
        {
            EncoderNames.ResNeSt50 => "resnest50",
            EncoderNames.ResNet50 => "resnet50",
            _ => "res2net50_v1b_26w_4s",
        };
        PublishedState.AssertEqual($"state_dict_{file}.json", backbone.state_dict());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Levels_are_as_declared_and_nothing_is_left_behind_in_training(string kind)
    {
        using ResidualEncoder backbone = Create(kind);
        WeightInitialization.Apply(backbone, 1, WeightInitializationScheme.NormalFanOut);
        using Tensor image = BlockProperty.Image(2, 3, 32, 64);
        TensorLeak.None(() =>
        {
            backbone.zero_grad();
            IReadOnlyList<Tensor> levels = backbone.Encode(image);
            Assert.Equal(
                backbone.Levels.Select(level => new[] { 2, level.Channels, 32 / level.Stride, 64 / level.Stride }),
                levels.Select(level => level.shape));
            using (Tensor sum = levels[^1].sum())
            {
                sum.backward();
            }

            foreach (Tensor level in levels)
            {
                Assert.True(level.requires_grad);
                level.Dispose();
            }

            foreach (TorchSharp.Modules.Parameter parameter in backbone.parameters())
            {
                using Tensor? gradient = parameter.grad;
                Assert.NotNull(gradient);
                parameter.grad = null;
            }
        });
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_single_smallest_image_is_refused_while_training_and_fine_in_evaluation_mode(string kind)
    {
        using var scope = NewDisposeScope();
        using ResidualEncoder backbone = Create(kind);
        Tensor image = BlockProperty.Image(1, 3, 32, 32);
        BlockProperty.FollowsTheMessageRule(Assert.Throws<TensorShapeException>(() => backbone.Encode(image)), "while training", "eval()");
        backbone.eval();
        Assert.Equal([1L, 2048, 1, 1], backbone.Encode(image)[^1].shape);
    }

    [Fact]
    public void Other_images_are_refused_and_leave_nothing_behind()
    {
        using var backbone = new ResNetEncoder(2);
        foreach (long[] shape in new long[][] { [1, 3, 32, 32], [1, 2, 33, 32], [1, 2, 32, 16], [2, 32, 32] })
        {
            TensorLeak.None(() =>
            {
                using Tensor image = zeros(shape);
                BlockProperty.FollowsTheMessageRule(
                    Assert.Throws<TensorShapeException>(() => backbone.Encode(image)),
                    "ResNetEncoder image",
                    $"[{string.Join(", ", shape)}]");
            });
        }
    }

    [Fact]
    public void Channels_that_are_not_positive_are_refused()
    {
        foreach (Func<ResidualEncoder> create in new Func<ResidualEncoder>[]
        {
            () => new ResNeStEncoder(0),
            () => new ResNetEncoder(inputChannels: 0L),
            () => new Res2NetEncoder(-3)
        })
        {
            BlockProperty.FollowsTheMessageRule(Assert.Throws<InvalidOptionsException>(create), "inputChannels", "1 or more");
        }
    }

    [Fact]
    public void Constructing_and_disposing_leaves_nothing_behind()
    {
        TensorLeak.None(() =>
        {
            foreach (string kind in new[] { EncoderNames.ResNeSt50, EncoderNames.ResNet50, EncoderNames.Res2Net50 })
            {
                using ResidualEncoder backbone = Create(kind);
            }
        });
    }

    private static ResidualEncoder Create(string kind) => kind switch
    {
        EncoderNames.ResNeSt50 => new ResNeStEncoder(),
        EncoderNames.ResNet50 => new ResNetEncoder(),
        _ => new Res2NetEncoder(),
    };
}
