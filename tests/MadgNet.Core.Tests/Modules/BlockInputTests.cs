using MadgNet.Core.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MadgNet.Core.Tests.Modules;

/// <summary>What every block says to tensors that do not fit its weights.</summary>
public class BlockInputTests
{
    public static TheoryData<string> Names => BlockCatalogue.NamesWithEncoders;

    [Theory]
    [MemberData(nameof(Names))]
    public void Another_type_than_the_weights_is_refused_in_the_librarys_words_and_leaves_nothing_behind(string name)
    {
        BlockCatalogue block = BlockCatalogue.Get(name);
        using Module module = block.Build(ScalarType.Float32);
        Tensor[] inputs = block.Inputs(ScalarType.Float64);
        TensorLeak.None(() => BlockProperty.FollowsTheMessageRule(
            Assert.Throws<TensorShapeException>(() => block.Run(module, inputs)), "Float64", "Float32 tensor, as the module's weights"));
        foreach (Tensor input in inputs)
        {
            input.Dispose();
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Another_device_than_the_weights_is_refused_in_the_librarys_words(string name)
    {
        using var scope = NewDisposeScope();
        BlockCatalogue block = BlockCatalogue.Get(name);
        using Module module = block.Build(ScalarType.Float32);

        // A device without memory is on every machine.
        Tensor[] inputs = [.. block.Shapes.Select(shape => empty(shape, ScalarType.Float32, META))];
        BlockProperty.FollowsTheMessageRule(Assert.Throws<TensorShapeException>(() => block.Run(module, inputs)), "on meta", "on cpu");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Integers_are_refused_in_the_librarys_words(string name)
    {
        using var scope = NewDisposeScope();
        BlockCatalogue block = BlockCatalogue.Get(name);
        using Module module = block.Build(ScalarType.Float32);
        Tensor[] inputs = [.. block.Shapes.Select(shape => zeros(shape, ScalarType.Int64))];
        BlockProperty.FollowsTheMessageRule(
            Assert.Throws<TensorShapeException>(() => block.Run(module, inputs)), "Int64", "floating-point");
    }
}
